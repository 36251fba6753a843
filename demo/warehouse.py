"""Where the demo keeps its data: a DuckDB file and a PostgreSQL database of its own, emptied before every demo."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import duckdb

from dlt_pipelines.pipelines import Warehouse, postgres_credentials

WAREHOUSE = Path("warehouse/demo.duckdb")
DATABASE = "agent_spend_demo"


def empty(target: str) -> None:
    """Removes what an earlier demo left, and nothing else."""
    if target == "postgres":
        _recreate_database()
    shutil.rmtree(Warehouse(target).state, ignore_errors=True)
    if target == "duckdb":
        path = Warehouse(target).path
        for file in (path, path.with_name(path.name + ".wal")):
            file.unlink(missing_ok=True)


def _recreate_database() -> None:
    import psycopg2  # noqa: PLC0415 (only the PostgreSQL target needs it)

    name = os.environ["PGDATABASE"]
    credentials = postgres_credentials()
    with closing(psycopg2.connect(credentials.removesuffix(name) + "postgres")) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f'drop database if exists "{name}"')
            cursor.execute(f'create database "{name}"')


@contextmanager
def query(target: str) -> Iterator[Any]:
    """A function that answers a query with a list of rows."""
    if target == "postgres":
        import psycopg2  # noqa: PLC0415

        with closing(psycopg2.connect(postgres_credentials())) as connection, connection.cursor() as cursor:

            def ask(sql: str) -> list[tuple[Any, ...]]:
                cursor.execute(sql)
                return list(cursor.fetchall())

            yield ask
    else:
        with closing(duckdb.connect(str(Warehouse(target).path), read_only=True)) as connection:
            yield lambda sql: connection.execute(sql).fetchall()
