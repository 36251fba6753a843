"""The demo extracted into and built on PostgreSQL gives the rows that it gives on DuckDB, in every mart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from demo.company import Company
from demo.constants import AS_OF
from dlt_pipelines.catalog import DATASETS
from dlt_pipelines.errors import WarehouseBusy
from dlt_pipelines.pipelines import Warehouse, postgres_credentials
from tests.end_to_end.conftest import Demo
from tests.end_to_end.postgres_server import PostgresMissing, postgres_server
from tests.end_to_end.workbench import (
    DEMO,
    MARTS,
    NO_UNIT_TESTS,
    RUN_DEPENDENT,
    Ask,
    Workbench,
    differences,
    extract_demo,
    mart,
)

pytestmark = pytest.mark.xdist_group("postgres")

psycopg2 = pytest.importorskip("psycopg2", reason="the PostgreSQL extra is not installed")

RAW_TABLES = [f"{dataset.name}.{table.name}" for dataset in DATASETS for table in dataset.tables]
# Of which the demo has none: exports of teams without an API, older reports where the newer ones answer, lists that
# another kind of credential is needed for, and files that somebody drops (the demo's finance inputs are seeds).
NEVER_TOLD = {
    *(table for table in RAW_TABLES if table.startswith(("raw_finance.", "raw_focus."))),
    *("raw_anthropic.messages_usage", "raw_anthropic.cost_report", "raw_anthropic.user_usage"),
    *("raw_anthropic.user_costs", "raw_anthropic.service_accounts", "raw_anthropic.spend_report_rows"),
    "raw_cursor.exported_events",
}
# What DuckDB and PostgreSQL call the type of one declared type.
TYPE_NAMES = {"text": "VARCHAR", "timestamp without time zone": "TIMESTAMP", "numeric": "DECIMAL"}


@pytest.fixture(scope="module")
def on_postgres(company: Company, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """The demo on PostgreSQL."""
    bench = Workbench(tmp_path_factory.mktemp("postgres"), "postgres")
    with pytest.MonkeyPatch.context() as patch:
        try:
            server = postgres_server()
            variables = server.__enter__()
        except PostgresMissing as missing:
            pytest.skip(str(missing))
        try:
            for name, value in {**variables, "PGDATABASE": "agent_spend_demo"}.items():
                patch.setenv(name, value)
            extract_demo(bench, company)
            bench.build(AS_OF, *NO_UNIT_TESTS, *DEMO)
            bench.look_for_change_points(AS_OF)
            with closing(psycopg2.connect(postgres_credentials())) as connection, connection.cursor() as cursor:

                def ask(sql: str) -> list[tuple[object, ...]]:
                    cursor.execute(sql)
                    return list(cursor.fetchall())

                yield ask
        finally:
            server.__exit__(None, None, None)


@pytest.fixture(scope="module")
def on_duckdb(demo: Demo) -> Iterator[Ask]:
    with demo.built.query() as ask:
        yield ask


@pytest.mark.parametrize("name", MARTS)
def test_a_mart_has_the_same_rows_on_postgres_as_on_duckdb(on_postgres: Ask, on_duckdb: Ask, name: str) -> None:
    columns, expected = mart(on_duckdb, name)
    found_columns, found = mart(on_postgres, name)
    assert found_columns == columns
    assert expected, f"{name} is empty: nothing is compared"
    assert not differences(expected, found)
    assert {tuple(map(type, row)) for row in found} == {tuple(map(type, row)) for row in expected}


@pytest.mark.parametrize("name", MARTS)
def test_a_mart_has_the_same_columns_and_types_on_postgres_as_on_duckdb(
    on_postgres: Ask, on_duckdb: Ask, name: str
) -> None:
    schema, table = name.split(".")
    query = f"""
        select column_name, data_type, numeric_precision, numeric_scale from information_schema.columns
        where table_schema = '{schema}' and table_name = '{table}' order by ordinal_position
    """

    def columns(ask: Ask) -> list[tuple[str, ...]]:
        named = [
            (column, TYPE_NAMES.get(kind, kind.upper().split("(")[0]), *size) for column, kind, *size in ask(query)
        ]
        return [(column, kind, *(size if kind == "DECIMAL" else ())) for column, kind, *size in named]

    assert columns(on_postgres) == columns(on_duckdb)


@pytest.mark.parametrize("name", RUN_DEPENDENT)
def test_a_moment_that_is_not_compared_is_there_on_both(on_postgres: Ask, on_duckdb: Ask, name: str) -> None:
    for column in RUN_DEPENDENT[name]:
        for ask in (on_duckdb, on_postgres):
            assert ask(f"select count(*) from {name} where {column} is null") == [(0,)]


@pytest.mark.parametrize("name", RAW_TABLES)
def test_a_raw_table_holds_as_many_rows_on_both(on_postgres: Ask, on_duckdb: Ask, name: str) -> None:
    """The way in is the same too, restricted included."""
    (on_both,) = {tuple(ask(f"select count(*) from {name}")) for ask in (on_duckdb, on_postgres)}
    assert on_both[0][0] > 0 or name in NEVER_TOLD


@pytest.mark.usefixtures("on_postgres")
def test_a_run_on_another_machine_holds_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENT_SPEND_WAREHOUSE", str(tmp_path / "another machine.duckdb"))
    with closing(psycopg2.connect(postgres_credentials())) as connection, connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(hashtext('agent_spend extraction'))")
        with pytest.raises(WarehouseBusy), Warehouse("postgres").run():
            pytest.fail("the second run started")
    with Warehouse("postgres").run():
        pass
