"""The floor: DuckDB alone reads Cursor's pages into the same flat table, without pseudonyms, checks or manifest."""

from __future__ import annotations

from pathlib import Path

import duckdb

from benchmarks.duckdb_read import sql_type
from dlt_pipelines.cursor.records import USAGE_EVENTS as SHAPE

LINEAGE = {
    "report_load_key": "filename",
    "account_id": "'team/bench'",
    "scope": "'team'",
    "record_ordinal": "null",
    "email_key": "keyed.userEmail",
    "extra": "null",
}


def read(folder: Path, database: Path) -> None:
    """Reads every page of the folder into the database."""
    connection = duckdb.connect(str(database))
    connection.execute("set TimeZone = 'UTC'; set preserve_insertion_order = false")
    (output,) = (output for output in SHAPE.outputs if not output.prefix)
    fields = dict(output.expressions) | LINEAGE | {"day": SHAPE.day}
    columns = ", ".join(
        f'cast({fields.get(column.name) or f"""keyed."{column.name}" """} as {column.sql_type}) as "{column.name}"'
        for column in output.table.columns
    )
    event = sql_type(SHAPE.structure)
    connection.execute(
        f"create table usage_events as select {columns} from (select filename, unnest(usageEvents, max_depth := 2)"
        f" from read_json('{folder}/*.json', format = 'unstructured', filename = true,"
        f" columns = {{'usageEvents': '{event}[]'}})) as keyed"
    )
    connection.close()
