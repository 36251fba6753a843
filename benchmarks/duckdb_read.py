"""The floor: DuckDB alone reads users-1-day files into the same flat tables, without pseudonyms, checks or manifest."""

from __future__ import annotations

from pathlib import Path

import duckdb

from dlt_pipelines.github_copilot.records import USER_DAY
from dlt_pipelines.record_shapes import Output
from dlt_pipelines.schema import Table


def sql_type(structure: object) -> str:
    """A record structure as DuckDB's type."""
    if isinstance(structure, dict):
        members = ", ".join(f'"{name}" {sql_type(member)}' for name, member in structure.items())
        return f"STRUCT({members})"
    if isinstance(structure, list):
        return sql_type(structure[0]) + "[]"
    return str(structure)


def select(output: Output, table: Table) -> str:
    """One output's flat rows, straight from the nested record."""
    lineage = {
        "report_load_key": "filename",
        "account_id": "'organization/bench'",
        "scope": "'organization'",
        "day": "keyed.day",
        "user_key": "keyed.user_id",
        "login_key": "keyed.user_login",
        "extra": "null",
    }
    members = USER_DAY.structure
    inner: dict[str, object] = members[output.each][0] if output.each else members[output.of] if output.of else members
    columns = []
    for column in table.columns:
        place = f'item."{column.name}"' if output.prefix else f'keyed."{column.name}"'
        value = lineage.get(column.name) or output.expressions.get(column.name)
        value = value or (place if column.name in inner else "null")
        columns.append(f'cast({value} as {column.sql_type}) as "{column.name}"')
    source = "nested as keyed"
    if output.each:
        source += f', unnest(keyed."{output.each}") as t(item)'
    elif output.of:
        source = f'(select *, "{output.of}" as item from nested) as keyed'
    where = " where item is not null" if output.of else ""
    return f"select {', '.join(columns)} from {source}{where}"


def read(folder: Path, database: Path) -> None:
    """Reads every file of the folder into the database."""
    connection = duckdb.connect(str(database))
    connection.execute("set TimeZone = 'UTC'; set preserve_insertion_order = false")
    columns = ", ".join(f"'{name}': '{sql_type(member)}'" for name, member in USER_DAY.structure.items())
    connection.execute(
        f"create temp table nested as select * from read_json('{folder}/*.ndjson', format = 'newline_delimited',"
        f" filename = true, columns = {{{columns}}})"
    )
    for table in USER_DAY.tables:
        selects = [select(output, table) for output in USER_DAY.outputs if output.table is table]
        connection.execute(f"create table {table.name} as {' union all '.join(selects)}")
    connection.close()
