"""FOCUS files to DuckDB's table `charges`: DuckDB reads, cleans and checks; nothing is read row by row in Python.

A row with a mistake (an amount that is no number, a time that no clock shows) is left out, kept aside and told with
file, line and field: a guess would be a number that nobody wrote. The other rows load. A file that lacks a column
without which nothing can be booked, or that breaks off, is left out whole.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa
from duckdb import DuckDBPyConnection

from dlt_pipelines.errors import RejectedFile
from dlt_pipelines.focus.columns import (
    BY_NAME,
    CATEGORIES,
    CHARGE_CATEGORY,
    COLUMNS,
    CREDENTIAL_ID,
    NAME_COLUMNS,
    PRINCIPAL_ID,
    REQUESTER_DETAILS,
    FocusColumn,
)
from dlt_pipelines.focus.files import ExportFile, decompressed, header_of, lines_of, unended_line
from dlt_pipelines.identifiers import (
    NAMES_A_PERSON_INSIDE,
    PERSONAL,
    WITHHELD,
    Namespace,
    Pseudonymizer,
    may_name_a_person,
)
from dlt_pipelines.sql import exact_decimal, literal, quoted

# Any of these, with a dollar sign and thousands separators or without: 1234.5, -0.5, "$10,000.00 ", 1E-7.
NUMBER = r"[-+]?\$?[-+]?(\d+|\d{1,3}(,\d{3})+)?(\.\d*)?([eE][-+]?\d+)?"
# 4/1/25 is the first of April: the official examples are American. As a timestamp DuckDB would read the year 4.
ISO_TIME = r"\d{4}-\d{2}-\d{2}([T ].*)?"
AMERICAN_FORMATS = ("%m/%d/%y", "%m/%d/%Y", "%m/%d/%y %H:%M", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S")
NO_VALUE = ("", "null")
UNNAMED = "unnamed"
PROVIDERS = ("ServiceProviderName", "ProviderName", "PublisherName")
PRINCIPAL_TYPES = ("User", "Service Account", "Application", "Role", "Group")
MOST_PROBLEMS_SHOWN = 3


@dataclass
class FileRead:
    """What came of a file: rows that count, rows left out with their reasons; columns and the number of their values
    that nobody knows, and that are not loaded because they may name a person."""

    rows: int = 0
    bad_rows: int = 0
    problems: list[str] = field(default_factory=list)
    unknown: dict[str, int] = field(default_factory=dict)
    withheld: dict[str, int] = field(default_factory=dict)
    kept_rows: Path | None = None


def create_charges(connection: DuckDBPyConnection) -> None:
    """Makes the table `charges` empty."""
    columns = ", ".join(f"{quoted(name)} {sql_type}" for name, sql_type in _charge_columns().items())
    connection.execute(f"create or replace table charges ({columns})")


def _charge_columns() -> dict[str, str]:
    types = {"number": "decimal(38, 9)", "instant": "timestamptz"}
    return {
        "file_number": "bigint",
        "file_record": "bigint",
        "account_id": "varchar",
        "period_start": "date",
        **{column.field: types.get(column.kind, "varchar") for column in COLUMNS},
        **dict.fromkeys(
            ("principal_id", "principal_type", "credential_id", "sku_model_id", "tag_cost_center"), "varchar"
        ),
        "extra": "varchar",
    }


def read_file(connection: DuckDBPyConnection, file: ExportFile, number: int, folder: Path) -> FileRead:
    """Adds a file's good rows to `charges`; bad ones are written to a CSV file in `folder`.

    Raises RejectedFile where nothing of the file can be used.
    """
    try:
        with decompressed(file, folder) as plain:
            return _read_plain(connection, plain, number, folder)
    except duckdb.OutOfMemoryException:
        raise _forgotten(connection, number, f"{file.name}: it needs more memory than there is") from None
    except (duckdb.Error, UnicodeDecodeError, csv.Error):  # whose message may quote the file
        kind = "Parquet" if file.is_parquet else "CSV in UTF-8"
        raise _forgotten(connection, number, f"{file.name}: it cannot be read as {kind}") from None
    except OSError as error:
        problem = f"{file.name}: it cannot be read: {error.strerror or type(error).__name__}"
        raise _forgotten(connection, number, problem) from None
    except RejectedFile:
        _forget(connection, number)
        raise


def _forgotten(connection: DuckDBPyConnection, number: int, problem: str) -> RejectedFile:
    _forget(connection, number)
    return RejectedFile(problem)


def _forget(connection: DuckDBPyConnection, number: int) -> None:
    """Removes what a file left that was read half way."""
    connection.execute("drop table if exists checked; drop table if exists cells")
    connection.execute("drop table if exists broken_rows; drop table if exists reject_scans")
    connection.execute(f"delete from charges where file_number = {number}")


def _read_plain(connection: DuckDBPyConnection, file: ExportFile, number: int, folder: Path) -> FileRead:
    names = _read_cells(connection, file)
    found = _found(file, names)
    unknown = [(cell, name) for cell, name in enumerate(names) if name and name.casefold() not in BY_NAME]
    connection.execute(
        f"create or replace table checked as select *, {_problem(found)} as problem from ({_typed(found)})"
    )
    _check_end(connection, file)
    read = FileRead()
    _note_bad_rows(connection, file, names, read, folder)
    selected = ", ".join(
        f"{expression} as {quoted(name)}" for name, expression in _values(found, unknown, number).items()
    )
    read.rows = connection.execute(
        f"insert into charges by name select {selected} from checked where problem is null"
    ).fetchall()[0][0]
    for cell, name in enumerate(names):
        column = BY_NAME.get(name.casefold())
        own = name.casefold().startswith("x_")
        if (column is None and not own) or column in NAME_COLUMNS:
            counted = connection.execute(f"select count(*) from checked where {_cell(cell)} is not null").fetchall()
            if counted[0][0]:
                told = read.unknown if column is None else read.withheld
                told[name or f"column {cell + 1}, which has no name"] = counted[0][0]
    connection.execute("drop table checked; drop table cells")
    return read


def _read_cells(connection: DuckDBPyConnection, file: ExportFile) -> list[str]:
    """The table `cells`: the file's rows in their order, every value as its text; returns the names of the columns."""
    if file.is_parquet:
        source = f"read_parquet({literal(str(file.path))})"
        described = connection.execute(f"describe select * from {source}").fetchall()
        names = [row[0] for row in described]
        # Maps and structs become JSON; a number becomes its shortest text.
        values = [
            f"cast(to_json({quoted(row[0])}) as varchar)"
            if "(" in row[1].replace("DECIMAL(", "") or "[" in row[1]
            else f"cast({quoted(row[0])} as varchar)"
            for row in described
        ]
        selected = ", ".join(f"{value} as c{cell}" for cell, value in enumerate(values))
        connection.execute(
            f"create or replace table cells as select row_number() over () as file_record, {selected} from {source}"
        )
        return names
    names = header_of(file)
    columns = ", ".join(f"'c{cell}': 'varchar'" for cell in range(len(names)))
    connection.execute(
        f"""
        create or replace table cells as
        select row_number() over () as file_record, *
        from read_csv(
            {literal(str(file.path))}, columns = {{{columns}}}, header = true, auto_detect = false, delim = ',',
            quote = '"', escape = '"', nullstr = '', store_rejects = true, rejects_table = 'broken_rows'
        )
        """
    )
    return names


def _found(file: ExportFile, names: list[str]) -> dict[FocusColumn, int]:
    """For each FOCUS column that the file has, its place."""
    found: dict[FocusColumn, int] = {}
    folded = [name.casefold() for name in names]
    for cell, name in enumerate(folded):
        if name and name in folded[:cell]:
            raise RejectedFile(f"{file.name}, line 1: the column {names[cell]} is there twice")
        column = BY_NAME.get(name)
        if column is not None and (column not in found or name == column.name.casefold()):
            found[column] = cell
    for column in COLUMNS:
        if column.required and column not in found:
            raise RejectedFile(f"{file.name}, line 1: the column {column.name} is missing")
    return found


def _cell(cell: int) -> str:
    listed = ", ".join(literal(word) for word in NO_VALUE)
    return f"(case when lower(trim(c{cell})) not in ({listed}) then trim(c{cell}) end)"


def _typed(found: dict[FocusColumn, int]) -> str:
    """Every cell, and beside it the typed value of those that are numbers and times."""
    typed = []
    for column, cell in found.items():
        if column.kind == "number":
            typed.append(f"{_number(_cell(cell))} as {quoted(column.field)}")
        elif column.kind == "instant":
            typed.append(f"{_instant(_cell(cell))} as {quoted(column.field)}")
    return f"select *, {', '.join(typed)} from cells"


def _number(cell: str) -> str:
    plain = f"replace(replace({cell}, '$', ''), ',', '')"
    return f"case when regexp_full_match({cell}, {literal(NUMBER)}) then {exact_decimal(plain)} end"


def _instant(cell: str) -> str:
    formats = ", ".join(literal(form) for form in AMERICAN_FORMATS)
    return (
        f"case when regexp_full_match({cell}, {literal(ISO_TIME)}) then try_cast({cell} as timestamptz)"
        f" else cast(try_strptime({cell}, [{formats}]) as timestamptz) end"
    )


def _problem(found: dict[FocusColumn, int]) -> str:
    """SQL of what is wrong with a row: the first field that cannot be read."""
    meant = {"number": "a number", "instant": "a time such as 2026-10-01T00:00:00Z"}
    cases = []
    for column, cell in found.items():
        if column.kind in meant:
            wrong = f"field {column.name}: it is not {meant[column.kind]}"
            cases.append(f"when {_cell(cell)} is not null and {quoted(column.field)} is null then {literal(wrong)}")
        if column.required:
            cases.append(f"when {_cell(cell)} is null then {literal(f'field {column.name}: it is blank')}")
    categories = ", ".join(literal(category.lower()) for category in CATEGORIES)
    wrong = f"field {CHARGE_CATEGORY.name}: it is none of {', '.join(CATEGORIES)}"
    cases.append(f"when lower({_cell(found[CHARGE_CATEGORY])}) not in ({categories}) then {literal(wrong)}")
    return f"case {' '.join(cases)} end"


def _check_end(connection: DuckDBPyConnection, file: ExportFile) -> None:
    """Raises RejectedFile where the file is no whole one: it breaks off, or rows run into one another."""
    if file.is_parquet:
        return
    for line, kind in connection.execute(
        f"""
        select line, cast(error_type as varchar) from broken_rows
        where error_type in ('INVALID ENCODING', 'LINE SIZE OVER MAXIMUM')
        or (error_type = 'UNQUOTED VALUE' and contains({_broken_line()}, chr(10)))
        order by line limit 1
        """
    ).fetchall():
        if kind == "INVALID ENCODING":
            raise RejectedFile(f"{file.name}, line {line}: not CSV in UTF-8")
        raise RejectedFile(f"{file.name}, line {line}: a quote is not closed, so nobody can tell where the row ends")
    unended = unended_line(file)
    if unended is None:
        return
    ((breaks_off,),) = connection.execute(
        f"""
        select
            exists (select 1 from broken_rows where {_broken_line()} = ?)
            or coalesce((select arg_max(problem is not null, file_record) from checked), false)
        """,
        [unended],
    ).fetchall()
    if breaks_off:
        raise RejectedFile(f"{file.name}: cut off: its last row breaks off")


def _broken_line() -> str:
    return "trim(csv_line, chr(10) || chr(13))"


def _note_bad_rows(
    connection: DuckDBPyConnection, file: ExportFile, names: list[str], read: FileRead, folder: Path
) -> None:
    """Tells the rows that are left out, by line and field but never by value, and writes them to a file."""
    problems: list[tuple[int, str]] = []
    bad = connection.execute("select file_record, problem from checked where problem is not null").fetchall()
    if bad:
        lines = {} if file.is_parquet else lines_of(file, len(names), {record for record, _ in bad})
        problems += [(lines.get(record, record), problem) for record, problem in bad]
    broken: list[tuple[int, str, str]] = []
    if not file.is_parquet:
        broken = connection.execute(
            "select line, any_value(cast(error_type as varchar)), any_value(csv_line) from broken_rows group by line"
        ).fetchall()
        problems += [(line, f"not a row of {len(names)} fields ({kind.lower()})") for line, kind, _ in broken]
        connection.execute("drop table if exists broken_rows; drop table if exists reject_scans")
    if not problems:
        return
    place = "row" if file.is_parquet else "line"
    read.bad_rows = len(problems)
    read.problems = [f"{place} {number}, {problem}" for number, problem in sorted(problems)]
    read.kept_rows = folder / f"bad_rows_{file.sha256[:12]}.csv"
    cells = ", ".join(f"c{cell} as {quoted(name or f'column {cell + 1}')}" for cell, name in enumerate(names))
    target = literal(str(read.kept_rows))
    connection.execute(f"copy (select {cells} from checked where problem is not null) to {target} (header)")
    with read.kept_rows.open("a", encoding="utf-8") as kept:
        kept.writelines(f"{line}\n" for _, _, line in broken)


def _values(found: dict[FocusColumn, int], unknown: list[tuple[int, str]], number: int) -> dict[str, str]:
    """SQL of every column of `charges`; no text that may name a person is among them, but for the two ids that
    `pseudonymize` replaces."""
    texts = {column.name: _cell(cell) for column, cell in found.items()}
    values = {column.field: _value(column, texts.get(column.name)) for column in COLUMNS}
    named = [_safe(texts[name]) for name in ("InvoiceIssuerName", *PROVIDERS) if name in texts]
    issuer = f"coalesce({', '.join([*named, literal(UNNAMED)])})"
    account = f"coalesce({values['billing_account_id']}, {literal(UNNAMED)})"
    requester = texts.get(REQUESTER_DETAILS.name, "null")
    details = texts.get("SkuPriceDetails", "null")
    return {
        "file_number": str(number),
        "file_record": "file_record",
        "account_id": f"replace(lower({issuer}), ' ', '-') || '/' || {account}",
        "period_start": "cast(billing_period_start as date)",
        **values,
        "principal_id": texts.get(PRINCIPAL_ID.name, "null"),
        "principal_type": _principal_type(requester),
        "credential_id": texts.get(CREDENTIAL_ID.name, "null"),
        "sku_model_id": _safe(f"case when json_valid({details}) then ({details} ->> '$.ModelId') end"),
        "tag_cost_center": _cost_center(values["tags"]),
        "extra": _extra(unknown),
    }


def _value(column: FocusColumn, cell: str | None) -> str:
    if cell is None:
        return "null"
    if column.kind in ("number", "instant"):
        return quoted(column.field)
    return _safe_tags(cell) if column.kind == "tags" else _safe(cell)


def _safe(cell: str) -> str:
    """A text, unless it holds an e-mail address."""
    return f"case when {cell} like '%@%' then {literal(WITHHELD)} else {cell} end"


def _safe_tags(cell: str) -> str:
    """Tags without the values of those that name a person; what is no JSON object is withheld where it might."""
    inside = literal(NAMES_A_PERSON_INSIDE)
    personal = literal(PERSONAL.pattern)
    member = (
        f"case when regexp_matches(entry.key, {personal}, 'i')"
        f" or regexp_matches(cast(entry.value as varchar), {inside}, 'i') then to_json({literal(WITHHELD)})"
        " else entry.value end"
    )
    entries = _entries(cell)
    listed = f"list_transform({entries}, lambda entry: struct_pack(k := entry.key, v := {member}))"
    return (
        f"case when not json_valid({cell}) or json_type({cell}) <> 'OBJECT' then"
        f" case when regexp_matches({cell}, {literal('@|' + PERSONAL.pattern)}, 'i') then {literal(WITHHELD)}"
        f" else {cell} end"
        f" else cast(to_json(map_from_entries({listed})) as varchar) end"
    )


def _entries(tags: str) -> str:
    """The members of a JSON object; of a key that is there twice, which no map can hold, the first value."""
    keys = f"json_keys({tags})"
    first = f"json_extract({tags}, '/' || replace(replace(name, '~', '~0'), '/', '~1'))"
    return (
        f"case when not json_valid({tags}) or json_type({tags}) <> 'OBJECT' then null"
        f" when len({keys}) = len(list_distinct({keys}))"
        f" then map_entries(try_cast(try_cast({tags} as json) as map(varchar, json)))"
        f" else list_transform(list_sort(list_distinct({keys})), lambda name:"
        f" struct_pack(key := name, value := {first})) end"
    )


def _principal_type(requester: str) -> str:
    if requester == "null":
        return requester
    listed = ", ".join(literal(name) for name in PRINCIPAL_TYPES)
    principals = f"list_filter(json_extract({requester}, '$[*]'), lambda x: (x ->> '$.key') = 'Principal')"
    found = f"({principals}[1] ->> '$.value.Type')"
    return f"case when json_valid({requester}) and {found} in ({listed}) then {found} end"


def _cost_center(tags: str) -> str:
    if tags == "null":
        return tags
    matching = (
        f"list_filter({_entries(tags)}, lambda entry: regexp_full_match(entry.key, 'cost[-_ ]?(center|centre)', 'i'))"
    )
    return f"case when json_valid({tags}) then json_extract_string({matching}[1].value, '$') end"


def _extra(unknown: list[tuple[int, str]]) -> str:
    if not unknown:
        return "null"
    members = []
    for cell, name in unknown:
        text = _cell(cell)
        names_one = f"regexp_matches({text}, {literal(NAMES_A_PERSON_INSIDE)}, 'i')"
        kept = (
            literal(WITHHELD)
            if may_name_a_person(name)
            else f"case when {names_one} then {literal(WITHHELD)} else {text} end"
        )
        members.append(f"{literal(name)}, case when {text} is not null then {kept} end")
    return f"nullif(cast(json_merge_patch('{{}}', json_object({', '.join(members)})) as varchar), '{{}}')"


def pseudonymize(connection: DuckDBPyConnection, pseudonymizer: Pseudonymizer) -> None:
    """Makes the tables principal_keys and credential_keys (identifier, key) of everything in `charges`."""
    for name, namespace in (("principal", "focus_principal"), ("credential", "focus_credential")):
        rows = connection.execute(f"select distinct {name}_id from charges where {name}_id is not null").fetchall()
        keys = [pseudonymizer.key(_namespace(value, namespace), value) for (value,) in rows]
        table = pa.table(
            {"identifier": pa.array([v for (v,) in rows], pa.string()), "key": pa.array(keys, pa.string())}
        )
        connection.register("new_keys", table)
        connection.execute(f"create or replace table {name}_keys as select * from new_keys")
        connection.unregister("new_keys")


def _namespace(identifier: str, otherwise: str) -> Namespace:
    return "email" if "@" in identifier else otherwise  # type: ignore[return-value]
