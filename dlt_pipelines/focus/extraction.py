"""One extraction of FOCUS exports.

What replaces what: an account's billing period comes from one delivery, the newest that tells of it (by the time its
files were last changed, then by name). A delivery is a file, or the files that a provider cut it into (…part-00001…).
Nothing of an older delivery is added to a newer one, so the same file twice, or two exports that overlap, count once.
A delivery with a file that is refused is no whole one and does not speak: what an older one tells of stays.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
from duckdb import DuckDBPyConnection

from dlt_pipelines.errors import RejectedFile
from dlt_pipelines.focus import reading
from dlt_pipelines.focus.files import ExportFile, copy_exports
from dlt_pipelines.focus.settings import FocusSettings
from dlt_pipelines.focus.tables import COST_AND_USAGE, DATASET, SOURCE
from dlt_pipelines.http import Clock
from dlt_pipelines.identifiers import Pseudonymizer
from dlt_pipelines.outcome import Outcome
from dlt_pipelines.pipelines import Warehouse, as_json, keep_aside
from dlt_pipelines.progress import Progress
from dlt_pipelines.reports import ROWS_PER_BATCH, connect
from dlt_pipelines.sql import quoted
from dlt_pipelines.windows import Window, current_time

REPORT = "cost-and-usage"
BAD_ROWS = "rejected-rows"
SCOPE = "billing_account"
LOWER_HALF = (1 << 64) - 1
ADDED = ("account_id", "period_start", "file_number", "file_record")


@dataclass(frozen=True)
class Period:
    """An account's billing period as one delivery tells it: what a load replaces."""

    account_id: str
    starts_on: date
    ends_on: date
    rows: int
    billed: Decimal | None
    principals: int
    sha256: str
    delivery: str


def extract(
    settings: FocusSettings,
    warehouse: Warehouse,
    window: Window,
    pseudonymizer: Pseudonymizer,
    outcome: Outcome,
    progress: Progress,
    clock: Clock | None = None,  # noqa: ARG001 (nothing is asked over the network)
) -> None:
    """Loads what is new of the exports; rows and files with mistakes are gathered in the outcome."""
    files = copy_exports(str(settings.export_glob), warehouse.spool)
    task = progress.task("FOCUS exports", total=len(files))
    rows: list[dict[str, Any]] = []
    withheld: Counter[str] = Counter()
    refused: set[str] = set()
    with connect(warehouse.spool) as connection:
        connection.execute("set preserve_insertion_order = true")
        reading.create_charges(connection)
        for number, file in enumerate(files):
            left_out, read = _read(connection, file, number, warehouse, window.as_of, outcome)
            rows += left_out
            if read is None:
                refused.add(file.delivery)
            else:
                withheld.update(read.withheld)
            task.advance(rows=outcome.rows)
        silent = [number for number, file in enumerate(files) if file.delivery in refused]
        connection.execute("delete from charges where list_contains(?, file_number)", [silent])
        if withheld:
            told = ", ".join(f"{name} ({count} values)" for name, count in sorted(withheld.items()))
            outcome.warnings.append(f"names that may be a person's are not loaded: {told}")
        reading.pseudonymize(connection, pseudonymizer)
        _load(connection, files, warehouse, pseudonymizer, outcome, rows)


def _read(
    connection: DuckDBPyConnection, file: ExportFile, number: int, warehouse: Warehouse, today: date, outcome: Outcome
) -> tuple[list[dict[str, Any]], reading.FileRead | None]:
    """Reads one file; returns a manifest row of what was left out, and what was read unless it is refused."""
    try:
        read = reading.read_file(connection, file, number, warehouse.spool)
    except RejectedFile as problem:
        kept = keep_aside(file.path, warehouse.rejected / f"focus_{file.sha256[:12]}{file.path.suffix}")
        remedy = (
            f"Kept aside in {kept.parent}; its delivery is left out whole, and what was there before stays."
            " Mend it and run again."
        )
        outcome.problems.append(RejectedFile(problem.problem, remedy))
        outcome.reports["rejected"] += 1
        row = _manifest(f"file/{file.name}", "file", BAD_ROWS, today, today, "rejected", detail=problem.problem)
        return [row], None
    if read.unknown:
        outcome.warnings.append(f"{file.name}: columns that FOCUS does not have: {', '.join(sorted(read.unknown))}")
    if not read.bad_rows:
        return [], read
    shown = "; ".join(read.problems[: reading.MOST_PROBLEMS_SHOWN])
    more = read.bad_rows - reading.MOST_PROBLEMS_SHOWN
    detail = f"{file.name}: {read.bad_rows} of {read.rows + read.bad_rows} rows left out: {shown}"
    detail += f"; and {more} more" if more > 0 else ""
    assert read.kept_rows is not None
    kept = keep_aside(read.kept_rows, warehouse.rejected / f"focus_rows_{file.sha256[:12]}.csv")
    outcome.problems.append(RejectedFile(detail, f"Kept aside in {kept.parent}; the other rows are loaded."))
    outcome.reports["rejected"] += 1
    row = _manifest(f"file/{file.name}", "file", BAD_ROWS, today, today, "rejected", detail=detail)
    unknown = as_json(read.unknown) if read.unknown else None
    return [{**row, "rows": read.bad_rows, "sha256": file.sha256, "unknown_fields": unknown}], read


def _manifest(
    account_id: str, scope: str, report: str, first: date, last: date, status: str, *, detail: str | None = None
) -> dict[str, Any]:
    return {
        "report_load_key": uuid.uuid4().hex,
        "source": SOURCE,
        "account_id": account_id,
        "scope": scope,
        "report": report,
        "report_date": first,
        "window_start": first,
        "window_end": last,
        "status": status,
        "files": 1,
        "detail": detail,
        "downloaded_at": current_time(),
    }


def _load(
    connection: DuckDBPyConnection,
    files: list[ExportFile],
    warehouse: Warehouse,
    pseudonymizer: Pseudonymizer,
    outcome: Outcome,
    rows: list[dict[str, Any]],
) -> None:
    """Loads the periods that differ from what is loaded, and commits them together."""
    _number_deliveries(connection, files)
    outcome.warnings += _left_out(connection)
    history = warehouse.history(DATASET)
    loads: list[tuple[str, Period]] = []
    superseded = False
    for period in _newest(connection):
        before = history.get((period.account_id, REPORT), {}).get(period.starts_on)
        unchanged = before is not None and before.sha256 == period.sha256
        status = "unchanged" if unchanged else "loaded"
        row = _manifest(period.account_id, SCOPE, REPORT, period.starts_on, period.ends_on, status)
        row |= {"rows": period.rows, "sha256": period.sha256, "credits_sum": period.billed, "users": period.principals}
        rows.append(row)
        outcome.reports[status] += 1
        if not unchanged:
            loads.append((row["report_load_key"], period))
            outcome.rows += period.rows
            superseded |= before is not None and before.report_load_key is not None
    if loads:
        warehouse.load(DATASET, _batches(connection, loads))
        warehouse.remember_identifiers(pseudonymizer, SOURCE)
    warehouse.commit(DATASET, rows)
    if superseded:
        warehouse.prune_superseded(DATASET)


def _number_deliveries(connection: DuckDBPyConnection, files: list[ExportFile]) -> None:
    """The table `deliveries`: for each file its delivery, and how old that is among all of them."""
    newest: dict[str, datetime] = {}
    for file in files:
        newest[file.delivery] = max(file.modified, newest.get(file.delivery, file.modified))
    order = sorted(newest, key=lambda delivery: (newest[delivery], delivery))
    table = pa.table(
        {
            "file_number": pa.array(range(len(files)), pa.int64()),
            "delivery": pa.array([file.delivery for file in files], pa.string()),
            "age_rank": pa.array([order.index(file.delivery) for file in files], pa.int64()),
            "source_file": pa.array([file.name for file in files], pa.string()),
        }
    )
    connection.register("new_deliveries", table)
    connection.execute("create or replace table deliveries as select * from new_deliveries")
    connection.unregister("new_deliveries")


def _newest(connection: DuckDBPyConnection) -> Iterator[Period]:
    """Every account's billing period from the newest delivery that tells of it.

    Its digest is made of the sums of its rows' digests: the order of rows says nothing, and nothing needs sorting.
    """
    content = ", ".join(quoted(column) for column in _columns_of_charges(connection) if column not in ADDED)
    rows = connection.execute(
        f"""
        select
            account_id, period_start, max(cast(billing_period_end as date)), count(*), sum(billed_cost),
            count(distinct principal_id),
            sha256(concat_ws(':', sum(cast(digest >> 64 as ubigint)), sum(cast(digest & {LOWER_HALF} as ubigint)))),
            delivery
        from (select *, md5_number(cast(row({content}) as varchar)) as digest from charges)
        inner join deliveries using (file_number)
        group by account_id, period_start, delivery
        qualify row_number() over (partition by account_id, period_start order by max(age_rank) desc) = 1
        order by account_id, period_start
        """
    ).fetchall()
    for account_id, starts_on, end, count, billed, principals, digest, delivery in rows:
        ends_on = end - timedelta(days=1) if end is not None and end > starts_on else starts_on
        yield Period(account_id, starts_on, ends_on, count, billed, principals, digest, delivery)


def _left_out(connection: DuckDBPyConnection) -> list[str]:
    """Sub accounts that an older delivery tells of and the newest does not: then the two were meant to be one."""
    rows = connection.execute(
        """
        with told as (
            select distinct account_id, period_start, delivery, age_rank, sub_account_id, source_file
            from charges inner join deliveries using (file_number)
        ),
        newest as (
            select account_id, period_start, arg_max(delivery, age_rank) as delivery from told group by all
        )
        select told.account_id, told.period_start, string_agg(distinct told.source_file, ', ' order by told.source_file)
        from told
        inner join newest using (account_id, period_start)
        where told.delivery <> newest.delivery and told.sub_account_id is not null and not exists (
            select 1 from told as other
            where other.account_id = told.account_id and other.period_start = told.period_start
            and other.delivery = newest.delivery and other.sub_account_id = told.sub_account_id
        )
        group by all order by all
        """
    ).fetchall()
    return [
        f"{files}: sub accounts of {account_id} that the newer export of {start} lacks are left out. Exports that"
        " belong together are one delivery where their names end in part-1, part-2, …"
        for account_id, start, files in rows
    ]


def _columns_of_charges(connection: DuckDBPyConnection) -> list[str]:
    return [row[0] for row in connection.execute("describe charges").fetchall()]


def _batches(
    connection: DuckDBPyConnection, loads: list[tuple[str, Period]]
) -> Iterator[tuple[str, pa.RecordBatch | pa.Table]]:
    table = pa.table(
        {
            "report_load_key": pa.array([key for key, _ in loads], pa.string()),
            "account_id": pa.array([period.account_id for _, period in loads], pa.string()),
            "period_start": pa.array([period.starts_on for _, period in loads], pa.date32()),
            "delivery": pa.array([period.delivery for _, period in loads], pa.string()),
        }
    )
    connection.register("new_loads", table)
    given = {
        "scope": f"'{SCOPE}'",
        "record_ordinal": "row_number() over (partition by report_load_key order by file_number, file_record)",
        "principal_key": "principal_keys.key",
        "credential_key": "credential_keys.key",
    }
    columns = ", ".join(
        f"cast({given.get(column.name, quoted(column.name))} as {column.sql_type}) as {quoted(column.name)}"
        for column in COST_AND_USAGE.columns
    )
    reader = connection.execute(
        f"""
        select {columns}
        from charges
        inner join deliveries using (file_number)
        inner join new_loads using (account_id, period_start, delivery)
        left join principal_keys on charges.principal_id = principal_keys.identifier
        left join credential_keys on charges.credential_id = credential_keys.identifier
        """
    ).to_arrow_reader(ROWS_PER_BATCH)
    for batch in reader:
        if batch.num_rows:
            yield COST_AND_USAGE.name, batch
    connection.unregister("new_loads")
