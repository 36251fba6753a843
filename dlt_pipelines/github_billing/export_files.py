"""GitHub's usage report exports as files: known by the names in their headers, read by DuckDB, typed, summed up by day.

Nothing is read row by row in Python: a month of a large organization has half a million rows. Only a file that holds
something odd is read once more that way, to find its line.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from dlt_pipelines import csv_exports
from dlt_pipelines.csv_exports import Cell, CsvColumn, ExportKind, StoredExport, as_nothing, as_text
from dlt_pipelines.errors import RejectedFile
from dlt_pipelines.github_billing import records
from dlt_pipelines.sql import exact_decimal, literal, quoted
from dlt_pipelines.stored_files import UNDATED

# A decimal(38, 9) has so many digits before its point.
LARGEST = Decimal(10) ** 29
# Groups of about a day, of which the others are skipped where one is written.
ROWS_PER_GROUP = 16_384
NOTHING = hashlib.sha256(b"").hexdigest()
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
EXPORT_AGAIN = "Mend that line, or export the report again"

AI_CREDIT, PREMIUM_REQUEST, DETAILED, SUMMARIZED = "ai_credit", "premium_request", "detailed", "summarized"
REPORTS = (AI_CREDIT, PREMIUM_REQUEST, DETAILED, SUMMARIZED)


def _kinds(ending: str) -> dict[str, ExportKind]:
    return {
        report: ExportKind(f"{report.replace('_', '-')}-{ending}", records.EXPORT_ROW, may_be_empty=True)
        for report in REPORTS
    }


# A day's export in the manifest: ordered over the API, or dropped by hand. The models let one of them speak.
ORDERED, DROPPED = _kinds("export"), _kinds("csv")


def a_day(cell: str) -> str | None:
    """An ISO date, of a moment its date."""
    if cell and not ISO_DAY.match(cell):
        raise ValueError
    return date.fromisoformat(cell[:10]).isoformat() if cell else None


def a_number(cell: str) -> Decimal | None:
    """A decimal number that a decimal(38, 9) can hold."""
    if not cell:
        return None
    try:
        value = Decimal(cell)
    except InvalidOperation:
        raise ValueError from None
    if not value.is_finite() or abs(value) >= LARGEST:
        raise ValueError
    return value


def a_count(cell: str) -> int | None:
    """A whole number."""
    value = a_number(cell)
    if value is not None and value != int(value):
        raise ValueError
    return None if value is None else int(value)


def a_quota(cell: str) -> Decimal | None:
    """A number; None where GitHub writes 'Unknown'."""
    return None if cell.lower() == "unknown" else a_number(cell)


# SQL of a cell {0}: its value, NULL where it is blank or not such a value.
DECIMAL = exact_decimal("<cell>").replace("{", "{{").replace("}", "}}").replace("<cell>", "{0}")
SQL: dict[Cell, str] = {
    as_text: "nullif(trim({0}), '')",
    a_day: r"case when regexp_matches(trim({0}), '^\d{{4}}-\d{{2}}-\d{{2}}')"
    " then try_cast(left(trim({0}), 10) as date) end",
    a_number: DECIMAL,
    a_count: "case when regexp_full_match({0}, '-?[0-9]+') then try_cast({0} as bigint)"
    f" when {DECIMAL} = trunc({DECIMAL}) then try_cast({DECIMAL} as bigint) end",
    a_quota: DECIMAL,
    csv_exports.as_flag: "case lower(trim({0})) when 'yes' then true when 'true' then true when '1' then true"
    " when 'no' then false when 'false' then false when '0' then false end",
}
# What may stand in a cell without being such a value.
NO_VALUE = {a_quota: "lower(trim({0})) = 'unknown'"}

DATE = "an ISO date such as 2026-06-30"
NUMBER = "a number"


def _number(name: str, header: str | None = None, *, needed: bool = False) -> CsvColumn:
    return CsvColumn(name, (header or name,), a_number, required=needed, filled=needed, meant=NUMBER)


def _count(name: str, *headers: str) -> CsvColumn:
    return CsvColumn(name, (name, *headers), a_count, meant="a whole number")


COLUMNS = (
    CsvColumn("day", ("date",), a_day, required=True, filled=True, meant=DATE),
    CsvColumn("username", ("username",)),
    CsvColumn("product", ("product",)),
    CsvColumn("sku", ("sku",), required=True, filled=True),
    CsvColumn("model", ("model",)),
    _number("quantity", needed=True),
    CsvColumn("unit_type", ("unit_type",), required=True),
    _number("unit_price", "applied_cost_per_quantity"),
    _number("gross_amount", needed=True),
    _number("discount_amount", needed=True),
    _number("net_amount", needed=True),
    CsvColumn("total_monthly_quota", ("total_monthly_quota",), a_quota, meant="a number or Unknown"),
    CsvColumn("exceeds_quota", ("exceeds_quota",), csv_exports.as_flag),
    CsvColumn("organization", ("organization",)),
    CsvColumn("repository", ("repository",)),
    CsvColumn("workflow_path", ("workflow_path",)),
    CsvColumn("cost_center_name", ("cost_center_name",)),
    _number("aic_quantity"),
    _number("aic_gross_amount"),
    _count("input_tokens", "input"),
    _count("output_tokens", "output"),
    _count("cache_read_tokens", "cache_read"),
    _count("cache_write_tokens", "cache_write"),
)
# Columns of ours: a column of GitHub's that came to be called so would be another thing.
OURS = {"report", "row_ordinal", "file_name", "row_key", "problem", "filename", "window_start", "window_end"}
OURS |= {"report_load_key", "account_id", "scope", "record_ordinal"}


@dataclass(frozen=True)
class DayRows:
    """What a file holds of a day: how many rows, their amounts, and a digest that their order does not change."""

    file: ExportFile
    rows: int
    gross_amount: Decimal
    discount_amount: Decimal
    net_amount: Decimal
    sha256: str

    def __len__(self) -> int:
        return self.rows


@dataclass
class ExportFile:
    """An export that was read: its kind, its typed rows in Parquet, and what it holds of each day."""

    name: str
    sha256: str
    bytes: int
    report: str
    typed: list[Path]
    days: dict[date, DayRows] = field(default_factory=dict)
    modified: datetime = UNDATED


def report_of(header: Sequence[str]) -> str:
    """The kind of report that has these columns. Exports do not say it otherwise."""
    names = {name.casefold() for name in header}
    if "model" in names:
        return PREMIUM_REQUEST if "exceeds_quota" in names else AI_CREDIT
    return DETAILED if names & {"username", "workflow_path"} else SUMMARIZED


def read(connection: DuckDBPyConnection, parts: Sequence[StoredExport], name: str) -> ExportFile:
    """Types the rows of an export (its parts, where it comes in several) and sums them up by day.

    Raises RejectedFile naming file, line and field of the first mistake. No cell is quoted: it may name a person.
    """
    reports = {report_of(_typed(connection, part)) for part in parts}
    if len(reports) > 1:
        raise RejectedFile(f"{name}: its parts are of several kinds ({', '.join(sorted(reports))})", EXPORT_AGAIN)
    digests = [part.sha256 for part in parts]
    sha256 = digests[0] if len(parts) == 1 else hashlib.sha256("".join(sorted(digests)).encode()).hexdigest()
    typed = [_parquet(part) for part in parts]
    modified = max(part.modified for part in parts)
    found = ExportFile(name, sha256, sum(part.bytes for part in parts), reports.pop(), typed, modified=modified)
    rows = connection.execute(
        f"""
        select
            "day",
            count(*),
            sum(gross_amount),
            sum(discount_amount),
            sum(net_amount),
            sha256(string_agg(row_key, '' order by row_key))
        from {_all(typed)} group by "day" order by "day"
        """
    ).fetchall()
    for day, number, gross, discount, net, digest in rows:
        found.days[day] = DayRows(found, number, gross, discount, net, digest)
    return found


def write_day(connection: DuckDBPyConnection, rows: DayRows, day: date, path: Path) -> None:
    """Writes a day's rows as the loader takes them, in the order of their text: the file's own may change."""
    file = rows.file
    connection.execute(
        f"""
        copy (
            select
                * exclude (row_key, problem),
                {literal(file.report)} as report,
                {literal(file.name)} as file_name,
                row_number() over (order by row_key) as row_ordinal
            from {_all(file.typed)}
            where "day" = date {literal(day.isoformat())}
        ) to {literal(str(path))} (format parquet)
        """
    )


def _all(typed: Sequence[Path]) -> str:
    return f"read_parquet([{', '.join(literal(str(path)) for path in typed)}], union_by_name = true)"


def _parquet(export: StoredExport) -> Path:
    return export.path.with_suffix(".parquet")


def _typed(connection: DuckDBPyConnection, export: StoredExport) -> list[str]:
    """Writes an export's rows, typed, to Parquet, and returns its header."""
    header = csv_exports.header_of(export)
    columns = csv_exports.columns_by_name(export.name, header, COLUMNS)
    if not _is_typed(connection, export, columns):
        for _ in csv_exports.stored_records(export, COLUMNS):
            pass
        # Good CSV that DuckDB does not read, such as line ends of two kinds: once more, written plainly.
        csv_exports.write_plainly(export)
        if not _is_typed(connection, export, columns):
            raise RejectedFile(f"{export.name}: a value that cannot be read", EXPORT_AGAIN)
    return header


def _is_typed(connection: DuckDBPyConnection, export: StoredExport, columns: Sequence[CsvColumn]) -> bool:
    """Writes the typed rows; false where DuckDB finds anything odd in the file."""
    target = literal(str(_parquet(export)))
    try:
        query = _query(export, columns)
        connection.execute(f"copy ({query}) to {target} (format parquet, row_group_size {ROWS_PER_GROUP})")
        return connection.execute(f"select 1 from {target} where problem limit 1").fetchone() is None
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error:  # whose message may quote what the file holds
        return False


def _query(export: StoredExport, columns: Sequence[CsvColumn]) -> str:
    """SQL of the typed rows: all columns that we know, NULL where the file lacks them, then those that we do not."""
    cells = {column.field: quoted(f"c{number}") for number, column in enumerate(columns)}
    known = {column.field: column for column in COLUMNS}
    values, problems = {}, []
    for name, column in known.items():
        cell = cells.get(name)
        template = SQL[column.read]
        if cell is None:
            values[name] = f"cast({template.format('null')} as {records.EXPORT_ROW.structure[name]})"
            continue
        values[name] = template.format(cell)
        if column.read is not as_text:
            excused = f" and not {NO_VALUE[column.read].format(cell)}" if column.read in NO_VALUE else ""
            problems.append(f"({quoted(name)} is null and trim({cell}) <> ''{excused})")
        if column.filled:
            problems.append(f"{quoted(name)} is null")
    for number, column in enumerate(columns):
        if column.read is as_nothing:
            problems.append(f"trim({quoted(f'c{number}')}) <> ''")
        elif column.field not in known:
            own_name = f"{column.field} (column)" if column.field.casefold() in OURS else column.field
            values[own_name] = SQL[as_text].format(cells[column.field])
    # One order for all files, and numbers as they are kept: moved columns and noise in the 14th decimal change nothing.
    added = sorted(name for name in values if name not in known)
    parts = ", ".join(f"coalesce(cast({quoted(name)} as varchar), '\x1e')" for name in [*known, *added])
    names = ", ".join(literal(name) for name in added)
    selected = ", ".join(f"{value} as {quoted(name)}" for name, value in values.items())
    reader = ", ".join(f"{literal(f'c{number}')}: 'VARCHAR'" for number in range(len(columns)))
    read = ", ".join(quoted(f"c{number}") for number in range(len(columns)))
    return f"""
        select
            * exclude ({read}),
            md5(concat_ws('\x1f', {parts}{", " if names else ""}{names})) as row_key,
            coalesce({" or ".join(problems)}, false) as problem
        from (
            select {selected}, {read}
            from read_csv(
                {literal(str(export.path))}, auto_detect = false, header = true, delim = ',', quote = '"', escape = '"',
                strict_mode = true, columns = {{{reader}}}
            )
        )
    """
