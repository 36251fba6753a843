"""Report files to Arrow tables: DuckDB checks, parses and unnests; nothing is read row by row in Python.

What a report's description does not know is kept in `extra` and counted; a report that cannot be loaded as it is (cut
off, a field of another type, a day that is not its own) is rejected whole, and the others go on without it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from duckdb import DuckDBPyConnection

from dlt_pipelines.identifiers import NAMES_A_PERSON_INSIDE, WITHHELD, Pseudonymizer, may_name_a_person
from dlt_pipelines.record_shapes import (
    LINEAGE,
    ControlTotals,
    FieldPath,
    Output,
    Parsed,
    RecordShape,
    ReportContent,
)
from dlt_pipelines.report_reading import read_records
from dlt_pipelines.schema import Column, Table
from dlt_pipelines.sql import dotted, exact_decimal, has_value, json_path, literal, quoted

ROWS_PER_BATCH = 122_880
MEMORY_LIMIT = "400MB"


def connect(scratch: Path) -> DuckDBPyConnection:
    """An in-memory DuckDB for parsing: UTC, bounded memory; what does not fit lies in `scratch` meanwhile."""
    connection = duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "temp_directory": str(scratch / "duckdb")})
    connection.execute("set TimeZone = 'UTC'; set preserve_insertion_order = false")
    return connection


def parse(
    connection: DuckDBPyConnection,
    shape: RecordShape,
    reports: Sequence[ReportContent],
    pseudonymizer: Pseudonymizer,
    parsed: Parsed,
    scratch: Path,
) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Yields (raw table, Arrow batch) of the reports; fills `parsed` with totals and rejections."""
    for _, group in groupby(sorted(reports, key=_layout), key=_layout):
        yield from _parse_alike(connection, shape, list(group), pseudonymizer, parsed, scratch)


def _parse_alike(
    connection: DuckDBPyConnection,
    shape: RecordShape,
    reports: list[ReportContent],
    pseudonymizer: Pseudonymizer,
    parsed: Parsed,
    scratch: Path,
) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Parses reports of one layout; where a value cannot be converted, only the report that holds it is rejected."""
    batches = _parse_together(connection, shape, reports, pseudonymizer, parsed, scratch)
    try:
        # Several reports are held until all of them are parsed: one that cannot be must not cost the others.
        yield from list(batches) if len(reports) > 1 else batches
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error:  # whose message may quote the value
        if len(reports) > 1:
            for report in reports:
                yield from _parse_alike(connection, shape, [report], pseudonymizer, parsed, scratch)
            return
        (report,) = reports
        parsed.totals.pop(report.report_load_key, None)
        parsed.rejected[report.report_load_key] = f"{report.files[0].label}: a value that cannot be converted"


def _parse_together(
    connection: DuckDBPyConnection,
    shape: RecordShape,
    reports: list[ReportContent],
    pseudonymizer: Pseudonymizer,
    parsed: Parsed,
    scratch: Path,
) -> Iterator[tuple[str, pa.RecordBatch]]:
    unknown = read_records(connection, shape, reports, parsed, scratch)
    accepted = [report for report in reports if report.report_load_key not in parsed.rejected]
    if not accepted:
        return
    _refuse_bad_keys(connection, shape, parsed)
    _pseudonymize(connection, shape, pseudonymizer)
    parsed.totals |= _control_totals(connection, shape, accepted, unknown)
    for table in shape.tables:
        yield from _batches(connection, shape, table, unknown)
    connection.execute("drop table records")


def _layout(report: ReportContent) -> str:
    return report.files[0].format


def _refuse_bad_keys(connection: DuckDBPyConnection, shape: RecordShape, parsed: Parsed) -> None:
    """Rejects reports with a record that lacks a key field or speaks of a day that is not the report's."""
    problems = [f"when {dotted(name)} is null then 'a record without {name}'" for name in shape.required]
    if shape.day:
        problems.append(f"when ({shape.day}) is null then 'a record without a day'")
        problems.append(
            f"when ({shape.day}) not between window_start and window_end"
            f" then 'a record of ' || ({shape.day}) || ' in the report of ' || window_end"
        )
    if not problems:
        return
    rows = connection.execute(
        f"""
        select report_load_key, any_value(problem), count(*) from (
            select report_load_key, case {" ".join(problems)} end as problem
            from records
        ) where problem is not null group by report_load_key
        """
    ).fetchall()
    for key, problem, records in rows:
        parsed.rejected[key] = f"{problem} ({records} such records)"
        connection.execute("delete from records where report_load_key = ?", [key])


def _pseudonymize(connection: DuckDBPyConnection, shape: RecordShape, pseudonymizer: Pseudonymizer) -> None:
    """Makes a table of keys for every identifier field: keys_<field>(identifier, key)."""
    for name, (namespace, _) in shape.identifiers.items():
        identifier = _identifier(shape, name, "records")
        array = _array_of(name)
        items = f", unnest(records.{dotted(array)}) as t(item)" if array else ""
        values = connection.execute(
            f"select distinct {identifier} from records{items} where {identifier} is not null"
        ).fetchall()
        keys = pa.table(
            {
                "identifier": pa.array([value for (value,) in values]),
                "key": pa.array([pseudonymizer.key(namespace, value) for (value,) in values], pa.string()),
            }
        )
        connection.register("new_keys", keys)
        connection.execute(f"create or replace table {quoted('keys_' + name)} as select * from new_keys")
        connection.unregister("new_keys")


def _array_of(name: str) -> str:
    """The array in whose items an identifier field lies; empty where it lies in the record."""
    return name.partition("[].")[0] if "[]." in name else ""


def _identifier(shape: RecordShape, name: str, record: str) -> str:
    """An identifier field in its own type (numbers are read as doubles by the fast way); what is JSON as text."""
    structure: Any = shape.structure
    for part in name.replace("[]", ".[]").split("."):
        structure = structure[0] if part == "[]" else structure[part]
    inside = name.partition("[].")[2]
    field = f"item.{dotted(inside)}" if inside else f"{record}.{dotted(name)}"
    return f"json_extract_string({field}, '$')" if structure == "JSON" else f"cast({field} as {structure})"


def _keyed(shape: RecordShape, key_columns: set[str]) -> str:
    """`records` with the wanted key columns joined on, and each record's number."""
    wanted = [(name, key) for name, (_, key) in shape.identifiers.items() if key in key_columns and not _array_of(name)]
    selected = "".join(f", {quoted('keys_' + name)}.key as {key}" for name, key in wanted)
    joins = "".join(
        f" left join {quoted('keys_' + name)}"
        f" on {_identifier(shape, name, 'records')} = {quoted('keys_' + name)}.identifier"
        for name, _ in wanted
    )
    return f"(select records.*, records.rowid + 1 as record_ordinal{selected} from records{joins})"


def _item_keys(shape: RecordShape, output: Output) -> tuple[dict[str, str], str]:
    """Key columns of the items of an array, and the joins that bring them."""
    wanted = [
        (name, key) for name, (_, key) in shape.identifiers.items() if output.each and _array_of(name) == output.each
    ]
    columns = {key: f"{quoted('keys_' + name)}.key" for name, key in wanted}
    joins = "".join(
        f" left join {quoted('keys_' + name)} on {_identifier(shape, name, '')} = {quoted('keys_' + name)}.identifier"
        for name, _ in wanted
    )
    return columns, joins


def _control_totals(
    connection: DuckDBPyConnection, shape: RecordShape, reports: list[ReportContent], unknown: list[FieldPath]
) -> dict[str, ControlTotals]:
    totals = {report.report_load_key: ControlTotals() for report in reports}
    users = f"count(distinct {dotted(shape.user)})" if shape.user else "null"
    exact = f"sum({_decimal(quoted(shape.exact))})" if shape.exact else "null"
    key_fields = {key: name for name, (_, key) in shape.identifiers.items()}
    key = ", ".join(dotted(key_fields.get(name, name)) for name in shape.natural_key)
    duplicates = f"count(*) - count(distinct ({key}))" if shape.natural_key else "0"
    rows = connection.execute(
        f"""
        select report_load_key, count(*), {users}, {exact}, {duplicates}
        from records group by report_load_key
        """
    ).fetchall()
    for load_key, records, user_count, credits_sum, repeated in rows:
        totals[load_key] = ControlTotals(records, user_count, credits_sum, repeated)
    for path in unknown:
        _count_unknown(connection, path, totals)
    return totals


def _count_unknown(connection: DuckDBPyConnection, path: FieldPath, totals: dict[str, ControlTotals]) -> None:
    present = has_value(f"to_json({quoted(path[0])})", path[1:])
    rows = connection.execute(
        f"select report_load_key, count(*) from records where {present} group by report_load_key"
    ).fetchall()
    for load_key, records in rows:
        totals[load_key].unknown_fields[_name(path)] = records


def _name(path: FieldPath) -> str:
    return ".".join(path).replace(".[]", "[]")


def _batches(
    connection: DuckDBPyConnection, shape: RecordShape, table: Table, unknown: list[FieldPath]
) -> Iterator[tuple[str, pa.RecordBatch]]:
    selects = [_select(output, shape, unknown) for output in shape.outputs if output.table is table]
    reader = connection.execute(" union all ".join(selects)).to_arrow_reader(ROWS_PER_BATCH)
    for batch in reader:
        if batch.num_rows:
            yield table.name, batch


def _select(output: Output, shape: RecordShape, unknown: list[FieldPath]) -> str:
    """The SQL of one output: the table's columns in order, each cast to its declared type."""
    keys = {*LINEAGE, *shape.context, "record_ordinal", *(key for _, key in shape.identifiers.values())}
    keys |= {"day"} & set(shape.structure)
    fields = _fields(output, shape)
    item_keys, item_joins = _item_keys(shape, output)
    values = {
        **dict.fromkeys(("day", "snapshot_date"), "keyed.window_end"),
        **{name: f"{'item' if output.prefix else 'keyed'}.{quoted(name)}" for name in fields},
        **{name: f"keyed.{quoted(name)}" for name in keys},
        **item_keys,
        **output.expressions,
        "extra": _extra([path for path in unknown if _owner(path, shape) == output.prefix], output),
    }
    columns = ", ".join(
        f"{_typed(values.get(column.name, 'null'), column)} as {quoted(column.name)}" for column in output.table.columns
    )
    keyed = _keyed(shape, {column.name for column in output.table.columns})
    if output.each:
        return f"select {columns} from {keyed} as keyed, unnest(keyed.{dotted(output.each)}) as t(item){item_joins}"
    if output.of:
        item = f"(select *, {dotted(output.of)} as item from {keyed})"
        return f"select {columns} from {item} as keyed where item is not null"
    return f"select {columns} from {keyed} as keyed"


def _typed(value: str, column: Column) -> str:
    return _decimal(value) if column.data_type == "decimal" else f"cast({value} as {column.sql_type})"


def _decimal(value: str) -> str:
    """A number as decimal(38, 9), from its own text where it is one: the engine settles which when it plans."""
    text = exact_decimal(f"cast({value} as varchar)", "cast")
    return f"case when typeof({value}) = 'VARCHAR' then {text} else cast({value} as decimal(38, 9)) end"


def _fields(output: Output, shape: RecordShape) -> set[str]:
    structure: Any = shape.structure
    for part in output.prefix:
        structure = structure[0] if part == "[]" else structure[part]
    return set(structure)


def _owner(path: FieldPath, shape: RecordShape) -> FieldPath:
    """The output that an unknown field belongs to: the one with the longest prefix of its path."""
    prefixes = [output.prefix for output in shape.outputs if path[: len(output.prefix)] == output.prefix]
    return max(prefixes, key=len)


def _extra(paths: list[FieldPath], output: Output) -> str:
    """The unknown fields of one row as a JSON object; null where it has none."""
    if not paths:
        return "null"
    members = []
    for path in paths:
        rest = path[len(output.prefix) :]
        inside = rest.index("[]") if "[]" in rest else len(rest)
        member = ".".join(["item" if output.prefix else "keyed", *(quoted(part) for part in rest[:inside])])
        if inside < len(rest):
            member = f"json_extract(to_json({member}), {literal(json_path(rest[inside:]))})"
        withheld = f"to_json({literal(WITHHELD)})"
        if may_name_a_person(_name(rest)):
            member = f"case when {member} is not null then {withheld} end"
        else:
            names_one = f"regexp_matches(cast(to_json({member}) as varchar), {literal(NAMES_A_PERSON_INSIDE)}, 'i')"
            member = f"case when {names_one} then {withheld} else to_json({member}) end"
        members.append(f"{literal(_name(rest))}, {member}")
    # json_merge_patch drops members that are null.
    return f"nullif(cast(json_merge_patch('{{}}', json_object({', '.join(members)})) as varchar), '{{}}')"
