"""From report files to DuckDB's table `records`: a fast way for usual files, a careful one for the rest.

The fast way lets DuckDB read the files with the types of a template and stop at any field that the template does not
have. Whatever is unusual (an unknown field, a changed type, a number too long for a double) takes the careful way,
which looks at every value, keeps unknown fields, and finds the file and line of a field that changed its type.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from duckdb import DuckDBPyConnection

from dlt_pipelines.drift import structure_with, unknown_fields
from dlt_pipelines.errors import RejectedFile
from dlt_pipelines.record_shapes import LINEAGE, FieldPath, Parsed, RecordShape, ReportContent
from dlt_pipelines.report_files import first_problem
from dlt_pipelines.sql import exact_decimal, literal, quoted

# Records at the start of each file whose types are looked at before the fast way is taken.
SAMPLED_RECORDS = 50
# Up to here a number with nine decimals has 15 digits, and its double stands for no other such number.
LONGEST_EXACT_DOUBLE = 1_000_000
LONGEST_EXACT_INTEGER = 2**53

INFERENCE = "maximum_depth = -1, map_inference_threshold = -1, field_appearance_threshold = 0, records = true"
EVERYTHING = f"sample_size = -1, union_by_name = true, {INFERENCE}"

# A value of each type, so that DuckDB infers the type from the template; whole numbers are read as doubles, so that a
# fraction shows instead of being rounded. Null infers as JSON.
TEMPLATE_VALUES: dict[str, Any] = {
    "BIGINT": 0.5,
    "DECIMAL(38,9)": 0.5,
    "VARCHAR": "text",
    "BOOLEAN": True,
    "DATE": "2026-01-01",
    "JSON": None,
}


def read_records(
    connection: DuckDBPyConnection, shape: RecordShape, reports: list[ReportContent], parsed: Parsed, scratch: Path
) -> list[FieldPath]:
    """Fills the table `records` with the reports that fit and returns the unknown field paths that it holds.

    Misfits are added to `parsed.rejected`. The table has the lineage columns, the window and one column per top-level
    field; it does not exist when no report fits.
    """
    if reports[0].files[0].format == "parquet":
        return _read_parquet(connection, shape, reports)
    if _read_fast(connection, shape, reports, scratch):
        return []
    unknown = _refuse_misfits(connection, shape, reports, parsed)
    accepted = [report for report in reports if report.report_load_key not in parsed.rejected]
    connection.execute("drop table if exists records")
    if accepted:
        _read_carefully(connection, shape, accepted, unknown)
    return unknown


def _read_parquet(connection: DuckDBPyConnection, shape: RecordShape, reports: list[ReportContent]) -> list[FieldPath]:
    """Reads files that were typed before; columns beyond the structure are what the vendor added."""
    listed = ", ".join(literal(str(file.path)) for report in reports for file in report.files)
    reader = f"read_parquet([{listed}], union_by_name = true, filename = true)"
    columns = [name for name in connection.sql(f"select * from {reader}").columns if name != "filename"]
    _create_records(connection, shape, reports, columns, f"select * from {reader}")
    return [(name,) for name in columns if name not in shape.structure]


def _read_fast(connection: DuckDBPyConnection, shape: RecordShape, reports: list[ReportContent], scratch: Path) -> bool:
    """Reads the files by the template; False when anything about them is unusual."""
    files = [file for report in reports for file in report.files]
    if files[0].format == "unstructured" or any(
        first_problem(file, shape.structure, SAMPLED_RECORDS) for file in files
    ):
        return False
    template = scratch / "template.json"
    # Every column of the template is read: DuckDB looks for unknown fields only where none is left out.
    record = _template({**shape.structure, **dict.fromkeys(shape.ignored, "JSON")})
    content = json.dumps(record) + "\n"
    template.write_text(f"[{content}]" if reports[0].files[0].format == "array" else content)
    options = f"sample_size = 1, maximum_sample_files = 1, filename = true, {INFERENCE}"
    try:
        _create_records(
            connection,
            shape,
            reports,
            list(record),
            f"select * from {_reader('read_json', reports, options, template)}",
        )
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error:
        return False
    return not _has_long_numbers(connection, shape)


def _template(structure: Any) -> Any:
    if isinstance(structure, dict):
        return {name: _template(member) for name, member in structure.items()}
    if isinstance(structure, list):
        return [_template(structure[0])]
    return TEMPLATE_VALUES[structure]


def _has_long_numbers(connection: DuckDBPyConnection, shape: RecordShape) -> bool:
    """Whether a number is too long for a double, or a whole number has a fraction."""
    checks = [f"abs({quoted(str(shape.exact))}) >= {LONGEST_EXACT_DOUBLE}"] if shape.has_exact_number else []
    checks += _fraction_checks(shape.structure, "records")
    if not checks:
        return False
    return connection.execute(f"select 1 from records where {' or '.join(checks)} limit 1").fetchone() is not None


def _fraction_checks(structure: dict[str, Any], place: str) -> list[str]:
    checks = []
    for name, member in structure.items():
        value = f"{place}.{quoted(name)}"
        if member == "BIGINT":
            checks.append(f"{value} <> trunc({value}) or abs({value}) >= {LONGEST_EXACT_INTEGER}")
        elif isinstance(member, dict):
            checks += _fraction_checks(member, value)
        elif isinstance(member, list):
            inner = " or ".join(_fraction_checks(member[0], "x")) if isinstance(member[0], dict) else ""
            if inner:
                checks.append(f"len(list_filter({value}, x -> {inner})) > 0")
    return checks


def _refuse_misfits(
    connection: DuckDBPyConnection, shape: RecordShape, reports: list[ReportContent], parsed: Parsed
) -> list[FieldPath]:
    """Rejects reports whose fields changed type or whose files are damaged; returns the unknown field paths."""
    for report in reports:
        problems = (
            f"{file.label}, {problem}" for file in report.files if (problem := first_problem(file, shape.structure))
        )
        if problem := next(problems, None):
            parsed.rejected[report.report_load_key] = problem
        elif not _is_readable(connection, report):
            parsed.rejected[report.report_load_key] = f"{report.files[0].label}: a value that cannot be read"
    good = [report for report in reports if report.report_load_key not in parsed.rejected]
    return unknown_fields(_inferred(connection, good), shape.structure, shape.ignored) if good else []


def _is_readable(connection: DuckDBPyConnection, report: ReportContent) -> bool:
    """Whether DuckDB reads every value; Python lets pass what it does not, such as half of a surrogate pair."""
    try:
        connection.execute(f"select count(json) from {_reader('read_json_objects', [report])}").fetchone()
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error:
        return False
    return True


def _inferred(connection: DuckDBPyConnection, reports: Iterable[ReportContent]) -> dict[str, Any]:
    """The type of every top-level field, from every value of every record."""
    relation = connection.sql(f"select * from {_reader('read_json', reports, EVERYTHING)}")
    return dict(zip(relation.columns, relation.types, strict=True))


def _reader(function: str, reports: Iterable[ReportContent], options: str = "", template: Path | None = None) -> str:
    files = [file for report in reports for file in report.files]
    paths = [template, *(file.path for file in files)] if template else [file.path for file in files]
    listed = ", ".join(literal(str(path)) for path in paths)
    layout = literal(files[0].format)
    return f"{function}([{listed}], format = {layout}{', ' if options else ''}{options})"


def _read_carefully(
    connection: DuckDBPyConnection, shape: RecordShape, reports: list[ReportContent], unknown: list[FieldPath]
) -> None:
    """Fills `records` from the text of every record: unknown fields as JSON, the exact number from its own digits."""
    structure = structure_with(shape.structure, unknown)
    exact_number = str(shape.exact) if shape.has_exact_number else None
    try:
        _create_records(
            connection,
            shape,
            reports,
            [*structure, "exact_text"] if exact_number else list(structure),
            f"""
            select
                filename,
                {_exact_text(exact_number) if exact_number else "null"} as exact_text,
                unnest(from_json(json, {literal(json.dumps(structure))}))
            from {_reader("read_json_objects", reports, "filename = true")}
            """,
        )
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error:  # whose message may quote what the files hold
        raise RejectedFile(
            f"{reports[0].files[0].label} or one of its batch cannot be parsed", "Report this."
        ) from None
    if exact_number:
        name, exact = quoted(exact_number), exact_decimal("exact_text")
        # The text replaces the double where both name one value: a nested field of the same name does not.
        same = f"abs({name} - {exact}) <= abs({name}) * 1e-12"
        connection.execute(f"update records set {name} = {exact} where exact_text <> '' and {same}")


def _exact_text(name: str) -> str:
    pattern = f'"{name}"\\s*:\\s*(-?[0-9][0-9.eE+-]*)'
    return f"regexp_extract(json, {literal(pattern)}, 1)"


def _create_records(
    connection: DuckDBPyConnection, shape: RecordShape, reports: list[ReportContent], columns: list[str], query: str
) -> None:
    """Creates `records` from a query that has a filename, adding the lineage and the context of each file."""
    sources = pa.Table.from_pylist(
        [
            {
                "filename": str(file.path),
                **{name: getattr(report, name) for name in (*LINEAGE, "window_start", "window_end")},
                **{name: file.context.get(name) for name in shape.context},
            }
            for report in reports
            for file in report.files
        ],
        schema=pa.schema(
            [
                *((name, pa.string()) for name in ("filename", *LINEAGE)),
                *((name, pa.date32()) for name in ("window_start", "window_end")),
                *((name, pa.string()) for name in shape.context),
            ]
        ),
    )
    connection.register("report_sources", sources)
    selected = ", ".join(f"line.{quoted(name)}" for name in columns)
    try:
        connection.execute(
            f"""
            create or replace table records as
            select source.* exclude (filename), {selected}
            from ({query}) as line
            inner join report_sources as source on line.filename = source.filename
            """
        )
    finally:
        connection.unregister("report_sources")
