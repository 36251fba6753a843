"""Rows of reports that are no longer in force are deleted, by a statement that does not grow with those in force."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from dlt_pipelines.manifest import REPORT_LOADS
from dlt_pipelines.pipelines import Warehouse
from dlt_pipelines.schema import Dataset, Table, text

THINGS = Table("things", "thing", ("report_load_key",), (text("report_load_key", "Load."),))
# key, report, day, status, in the order of the commits.
LOADS = [
    ("old", "a", date(2026, 10, 1), "loaded"),
    ("new", "a", date(2026, 10, 1), "loaded"),
    ("word", "a", date(2026, 10, 1), "unchanged"),
    ("late", "a", date(2026, 10, 2), "loaded"),
    ("first", "b", date(2026, 10, 3), "loaded"),
    ("empty", "b", date(2026, 10, 4), "empty"),
    # A day from long before, loaded last.
    ("past", "a", date(2026, 9, 1), "loaded"),
]


def dataset(**how: bool) -> Dataset:
    return Dataset("pruning", "raw_pruning", "Invented.", (REPORT_LOADS, THINGS), **how)


def manifest_row(key: str, report: str, day: date, status: str) -> dict[str, Any]:
    return {
        "report_load_key": key,
        "source": "pruning",
        "account_id": "keel-works",
        "scope": "repository",
        "report": report,
        "report_date": day,
        "status": status,
        "downloaded_at": datetime(2026, 10, 5, tzinfo=UTC),
    }


@pytest.fixture
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Warehouse]:
    monkeypatch.setenv("AGENT_SPEND_WAREHOUSE", str(tmp_path / "w.duckdb"))
    found = Warehouse()
    with found.run():
        yield found


def put(warehouse: Warehouse, of: Dataset, *keys: str) -> None:
    warehouse.load(of, [("things", THINGS.to_arrow([{"report_load_key": key} for key in keys]))])


def left(warehouse: Warehouse, of: Dataset) -> list[str]:
    return sorted(key for (key,) in warehouse.read(of, "select report_load_key from {things}"))


@pytest.mark.parametrize(
    ("how", "kept"),
    [
        pytest.param({}, ["first", "late", "new", "past"], id="last-of-each-day"),
        pytest.param({"latest_only": True}, ["first", "late"], id="latest-day-alone"),
        pytest.param({"adds_up": True}, ["first", "late", "new", "old", "past"], id="all-that-was-loaded"),
    ],
)
def test_rows_of_current_reports_stay_and_no_others(
    warehouse: Warehouse, how: dict[str, bool], kept: list[str]
) -> None:
    of = dataset(**how)
    put(warehouse, of, *(key for key, *_ in LOADS), "orphan")
    for load in LOADS:
        warehouse.commit(of, [manifest_row(*load)])
    warehouse.prune_superseded(of)
    assert left(warehouse, of) == kept


def test_rows_that_came_before_any_manifest_are_deleted(warehouse: Warehouse) -> None:
    put(warehouse, dataset(), "orphan")
    warehouse.prune_superseded(dataset())
    assert left(warehouse, dataset()) == []


@pytest.mark.parametrize("adds_up", [False, True])
def test_no_statement_grows_with_the_number_of_loads(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, *, adds_up: bool
) -> None:
    of = dataset(adds_up=adds_up)
    keys = [f"key-{number:04}" for number in range(500)]
    put(warehouse, of, *keys, "orphan")
    warehouse.commit(of, [manifest_row(key, key, date(2026, 10, 1), "loaded") for key in keys])
    client = type(warehouse._client(of))
    statements: list[str] = []
    real = client.execute_sql

    def listening(self: Any, sql: Any, *arguments: Any, **named: Any) -> Any:
        statements.append(str(sql))
        return real(self, sql, *arguments, **named)

    monkeypatch.setattr(client, "execute_sql", listening)
    warehouse.prune_superseded(of)
    assert any("delete from" in statement for statement in statements)
    assert max(len(statement) for statement in statements) < 1000
    assert left(warehouse, of) == keys
