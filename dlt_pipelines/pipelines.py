"""The one place where a dlt pipeline is built and run, and where the manifest commits what was loaded.

Data rows are appended first, the manifest rows that name them after: a run that is killed in between leaves rows that
nobody counts, and the next run reads those reports again.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import dlt
import duckdb
import pyarrow as pa
from dlt.common.destination.exceptions import DestinationUndefinedEntity
from dlt.common.schema import Schema
from dlt.common.schema.utils import new_table
from dlt.destinations.exceptions import DatabaseException
from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials
from dlt.extract import DltSource
from dlt.pipeline.exceptions import PipelineStepFailed
from filelock import FileLock, Timeout

from dlt_pipelines.errors import AgentSpendError, ConfigurationError, WarehouseBusy
from dlt_pipelines.identifiers import IDENTIFIERS, RESTRICTED, Pseudonymizer
from dlt_pipelines.schema import Dataset, Table
from dlt_pipelines.windows import current_time

Batches = Iterable[tuple[str, pa.RecordBatch | pa.Table]]

TARGETS = ("duckdb", "postgres")
# More at once only add memory: each holds a table's row groups.
LOAD_WORKERS = 2
# Files of a table are inserted side by side. DuckDB stores rows in groups of 122,880, and rewrites a group that an
# insertion leaves half full: files of fewer rows double the work.
ROWS_PER_FILE = 8 * 122_880
DUCKDB_MEMORY = "400MB"
LOADER_FORMATS = {"duckdb": "parquet", "postgres": "csv"}


def warehouse_path() -> Path:
    """The DuckDB file that AGENT_SPEND_WAREHOUSE names."""
    return Path(os.environ.get("AGENT_SPEND_WAREHOUSE", "warehouse/agent_spend.duckdb"))


def postgres_credentials() -> str:
    """The PostgreSQL that the usual PG* variables name: the same as profiles.yml reads for dbt."""
    read = os.environ.get
    user, password = quote(read("PGUSER", "agent_spend"), safe=""), quote(read("PGPASSWORD", ""), safe="")
    host, port, database = read("PGHOST", "localhost"), read("PGPORT", "5432"), read("PGDATABASE", "agent_spend")
    return f"postgresql://{user}:{password}@{host}:{port}/{database}"


@dataclass(frozen=True)
class LoadedReport:
    """The manifest's last word on one report of one day, when it was last read, and the digest of what is loaded."""

    status: str
    read_on: date | None = None
    sha256: str | None = None
    report_load_key: str | None = None


class Warehouse:
    """A warehouse that dlt writes to: its pipelines, its manifests and the files that a run leaves beside it."""

    def __init__(self, target: str = "duckdb") -> None:
        if target not in TARGETS:
            raise ConfigurationError(f"there is no target '{target}'", f"Use one of {', '.join(TARGETS)}.")
        self.target = target
        self.path = warehouse_path()
        self.state = self.path.parent / ".extract" / (self.path.stem if target == "duckdb" else target)
        self._pipelines: dict[str, dlt.Pipeline] = {}

    @property
    def spool(self) -> Path:
        """Where downloads wait to be parsed; emptied before and after a run."""
        return self.state / "spool"

    @property
    def rejected(self) -> Path:
        """Where files that could not be loaded are kept. They hold names in clear: readable by their owner only."""
        return self.state / "rejected"

    @contextmanager
    def run(self, *datasets: Dataset) -> Iterator[None]:
        """Holds the warehouse for one extraction; raises WarehouseBusy at once when another run has it.

        Where the run before was killed, rows of `datasets` that it loaded without a manifest row are deleted.
        """
        for folder in (self.state, self.rejected):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = FileLock(self.state / "run.lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise WarehouseBusy(
                "another extraction is writing to this warehouse", "Wait until it ends; nothing was changed."
            ) from None
        try:
            with self._server_lock():
                interrupted = self.state / "interrupted"
                if interrupted.exists():
                    self._forget_killed_run(datasets)
                interrupted.touch()
                self._empty_spool()
                yield
                interrupted.unlink(missing_ok=True)
        finally:
            self._empty_spool()
            lock.release()

    def _forget_killed_run(self, datasets: Iterable[Dataset]) -> None:
        """Deletes what a killed run left: packages that it had half loaded, and rows that no manifest row names."""
        shutil.rmtree(self.state / "pipelines", ignore_errors=True)
        for dataset in datasets:
            if "report_loads" in {table.name for table in dataset.tables}:
                self.prune_superseded(dataset)

    @contextmanager
    def _server_lock(self) -> Iterator[None]:
        """On a server engine other machines write too: an advisory lock that the server drops with the connection."""
        if self.target != "postgres":
            yield
            return
        import psycopg2  # noqa: PLC0415 (only this target needs it)

        try:
            connection = psycopg2.connect(postgres_credentials())
        except psycopg2.OperationalError as error:
            raise _readable(error) from None
        with closing(connection):
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("select pg_try_advisory_lock(hashtext('agent_spend extraction'))")
                (is_ours,) = cursor.fetchone()
            if not is_ours:
                raise WarehouseBusy(
                    "another extraction is writing to this warehouse", "Wait until it ends; nothing was changed."
                )
            yield

    def probe(self) -> None:
        """Raises AgentSpendError where the warehouse cannot be opened or is busy; changes nothing in it."""
        try:
            self.state.mkdir(parents=True, exist_ok=True, mode=0o700)
            with FileLock(self.state / "run.lock", timeout=0):
                pass
        except Timeout:
            raise WarehouseBusy("another extraction is writing to this warehouse", "Wait until it ends.") from None
        except OSError as error:
            raise AgentSpendError(f"cannot write beside {self.path}: {error.strerror}", "Check the folder.") from None
        if self.target == "postgres" or self.path.exists():
            self._rows(RESTRICTED, "select count(*) from {identifiers}")

    def load(self, dataset: Dataset, batches: Batches) -> int:
        """Appends batches to their raw tables and returns the number of rows; nothing counts before `commit`."""
        rows = 0

        def items() -> Iterator[Any]:
            nonlocal rows
            for table_name, batch in batches:
                rows += batch.num_rows
                yield dlt.mark.with_table_name(batch, table_name)

        resource = dlt.resource(items, name="reports", write_disposition="append", max_table_nesting=0)
        source = DltSource(_dlt_schema(dataset), dataset.source, [resource])
        self._run(dataset, source)
        return rows

    def commit(self, dataset: Dataset, manifest_rows: list[dict[str, Any]]) -> None:
        """Writes manifest rows: from now on the rows that they name count. `loaded_at` never runs backwards."""
        last = self._scalar(dataset, "select max(loaded_at) from {report_loads}")
        now = current_time()
        if last is not None and now <= last.astimezone(UTC):
            now = last.astimezone(UTC) + timedelta(microseconds=1)
        table = next(table for table in dataset.tables if table.name == "report_loads")
        rows = [{**row, "loaded_at": now} for row in manifest_rows]
        self.load(dataset, [("report_loads", table.to_arrow(rows))])

    def remember_identifiers(self, pseudonymizer: Pseudonymizer, source: str) -> None:
        """Appends clear texts that raw_restricted does not hold yet."""
        known = {key for (key,) in self._rows(RESTRICTED, "select identifier_key from {identifiers}")}
        now = current_time()
        rows = [
            {
                "identifier_key": key,
                "namespace": namespace,
                "identifier": identifier,
                "source": source,
                "first_seen_at": now,
            }
            for key, namespace, identifier in pseudonymizer.seen()
            if key not in known
        ]
        if rows:
            self.load(RESTRICTED, [(IDENTIFIERS.name, IDENTIFIERS.to_arrow(rows))])

    def history(self, dataset: Dataset) -> dict[tuple[str, str], dict[date, LoadedReport]]:
        """(account_id, report) to day to what the manifest last said; the digest is the last loaded one's."""
        rows = self._rows(
            dataset,
            """
            select account_id, report, report_date, status, downloaded_at, sha256, report_load_key
            from {report_loads} order by loaded_at, downloaded_at
            """,
        )
        history: dict[tuple[str, str], dict[date, LoadedReport]] = {}
        for account_id, report, day, status, downloaded_at, sha256, key in rows:
            # Here, not in SQL: a session's time zone would move the day.
            read_on = downloaded_at.astimezone(UTC).date()
            days = history.setdefault((account_id, report), {})
            before = days.get(day, LoadedReport(status))
            if status == "loaded":
                days[day] = LoadedReport(status, read_on, sha256, key)
            elif status == "unchanged":
                days[day] = replace(before, status=status, read_on=read_on)
            else:
                days[day] = replace(before, status=status)
        return history

    def exists(self) -> bool:
        """Whether anything was ever written to it; a server engine is asked when it is read."""
        return self.target != "duckdb" or self.path.exists()

    def read(self, dataset: Dataset, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query over raw tables, named as {table}; none where nothing was ever loaded."""
        return self._rows(dataset, query)

    def built(self, query: str) -> list[tuple[Any, ...]] | None:
        """Rows of a query over what dbt has built; None where a model of it is not there."""
        if not self.exists():
            return None
        try:
            with self._client(RESTRICTED) as client:
                return list(client.execute_sql(query) or [])
        except DestinationUndefinedEntity:
            return None
        except (DatabaseException, PipelineStepFailed, duckdb.Error) as error:
            raise _readable(_root(error)) from None

    def _dlt_pipeline(self, dataset: Dataset) -> dlt.Pipeline:
        if dataset.name not in self._pipelines:
            _configure_dlt()
            if self.target == "duckdb":
                self.path.parent.mkdir(parents=True, exist_ok=True)
                # Order within a table means nothing to us, and keeping it costs a quarter of the insertion.
                credentials = DuckDbCredentials(
                    str(self.path.absolute()),
                    global_config={"preserve_insertion_order": False, "memory_limit": DUCKDB_MEMORY},
                )
                destination: Any = dlt.destinations.duckdb(credentials)
            else:
                destination = dlt.destinations.postgres(postgres_credentials())
            self._pipelines[dataset.name] = dlt.pipeline(
                pipeline_name=f"agent_spend_{dataset.source}",
                destination=destination,
                dataset_name=dataset.name,
                pipelines_dir=str(self.state / "pipelines"),
            )
        return self._pipelines[dataset.name]

    def _run(self, dataset: Dataset, source: DltSource) -> None:
        pipeline = self._dlt_pipeline(dataset)
        # What a killed run left half way is read again instead: the manifest does not name it.
        pipeline.abort_packages()
        try:
            pipeline.run(source, loader_file_format=LOADER_FORMATS[self.target])  # type: ignore[arg-type]
        except PipelineStepFailed as error:
            cause = _root(error)
            if isinstance(cause, AgentSpendError):
                raise cause from None
            raise _readable(cause) from None

    def prune_superseded(self, dataset: Dataset) -> None:
        """Keeps only the rows of current reports: the last loaded of each account, report and day."""
        try:
            with self._client(dataset) as client:
                manifest = client.make_qualified_table_name("report_loads")
                # Where the run before was killed ahead of its first commit there is no manifest, and no row counts.
                current = _current_keys(dataset, manifest) if self._exists(client, "report_loads") else None
                for name in (table.name for table in dataset.tables if table.name != "report_loads"):
                    if self._exists(client, name):
                        superseded = f" where not exists ({current})" if current else ""
                        client.execute_sql(f"delete from {client.make_qualified_table_name(name)}{superseded}")
        except (DatabaseException, PipelineStepFailed, duckdb.Error) as error:
            raise _readable(_root(error)) from None

    def _empty_spool(self) -> None:
        shutil.rmtree(self.spool, ignore_errors=True)
        self.spool.mkdir(parents=True, mode=0o700)

    def _client(self, dataset: Dataset) -> Any:
        pipeline = self._dlt_pipeline(dataset)
        if not pipeline.default_schema_name:
            pipeline.sync_destination()
        return pipeline.sql_client()

    def _rows(self, dataset: Dataset, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query over raw tables, named as {table}; none where nothing was ever loaded."""
        tables = {table.name for table in dataset.tables}
        try:
            with self._client(dataset) as client:
                names = {name: client.make_qualified_table_name(name) for name in tables}
                return list(client.execute_sql(query.format(**names)) or [])
        except DestinationUndefinedEntity:
            return []
        except (DatabaseException, PipelineStepFailed, duckdb.Error) as error:
            raise _readable(_root(error)) from None

    def _scalar(self, dataset: Dataset, query: str) -> Any:
        rows = self._rows(dataset, query)
        return rows[0][0] if rows else None

    @staticmethod
    def _exists(client: Any, table_name: str) -> bool:
        try:
            client.execute_sql(f"select 1 from {client.make_qualified_table_name(table_name)} limit 1")
        except DestinationUndefinedEntity:
            return False
        return True


def _current_keys(dataset: Dataset, manifest: str) -> str:
    """A query that has a row where the report_load_key of the row around it is a current report's."""
    loaded = f"{manifest} where status = 'loaded' and report_load_key is not null"
    if dataset.adds_up:
        keys = f"select report_load_key as current_key from {loaded}"
    else:
        one, first = (
            ("account_id, report", "report_date desc, ")
            if dataset.latest_only
            else ("account_id, report, report_date", "")
        )
        keys = f"""
            select ranked.report_load_key as current_key
            from (
                select
                    report_load_key,
                    row_number() over (
                        partition by {one} order by {first}loaded_at desc, downloaded_at desc
                    ) as place
                from {loaded}
            ) as ranked
            where ranked.place = 1
        """
    # No list and no "not in": of a million keys PostgreSQL would compare each row with all.
    return f"select 1 from ({keys}) as kept where kept.current_key = report_load_key"


def keep_aside(file: Path, target: Path) -> Path:
    """Moves a rejected file to where it is kept, for its owner's eyes only, and returns that place."""
    shutil.move(str(file), target)
    target.chmod(0o600)
    return target


def _dlt_schema(dataset: Dataset) -> Schema:
    schema = Schema(dataset.source)
    for table in dataset.tables:
        schema.update_table(_dlt_table(table))
    return schema


def _dlt_table(table: Table) -> Any:
    return new_table(table.name, write_disposition="append", columns=list(table.dlt_columns.values()))  # type: ignore[arg-type]


def _configure_dlt() -> None:
    """dlt's switches that the design rests on; everything else stays with dlt's own configuration."""
    dlt.config["normalize.parquet_normalizer.add_dlt_load_id"] = True
    dlt.config["load.workers"] = LOAD_WORKERS
    dlt.config["data_writer.file_max_items"] = ROWS_PER_FILE
    # Jobs that are done hold what was loaded, names in clear among it; nobody needs them any more.
    dlt.config["load.delete_completed_jobs"] = True
    dlt.config["runtime.dlthub_telemetry"] = False
    dlt.config["runtime.log_level"] = "CRITICAL"
    logging.getLogger("dlt").setLevel(logging.CRITICAL)


def _root(error: BaseException) -> BaseException:
    while error.__cause__ is not None:
        error = error.__cause__
    return error


def _readable(error: BaseException) -> AgentSpendError:
    first_line = (str(error).splitlines() or [type(error).__name__])[0]
    if "Conflicting lock" in str(error) or "Could not set lock" in str(error):
        return WarehouseBusy("another program has the warehouse file open", "Close it (dbt, a BI tool) and run again.")
    return AgentSpendError(f"the warehouse refused: {first_line[:300]}", "What was loaded before stays.")


def as_json(fields: dict[str, int]) -> str | None:
    """Counts per field path as JSON text; None when there are none."""
    return json.dumps(fields, sort_keys=True) if fields else None
