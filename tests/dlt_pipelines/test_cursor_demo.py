"""The extraction of Cursor from the demo's server, in good and bad weather, against the invented company's books."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from demo import cursor_constants as cc
from demo import cursor_truth as truth
from demo.company import Company
from demo.constants import AS_OF
from demo.cursor_csv import write_export
from demo.cursor_faults import CursorFaults
from demo.cursor_server import CursorServer, settings
from demo.cursor_use import cursor_use
from dlt_pipelines.identifiers import Pseudonymizer
from tests.dlt_pipelines.cursor_team import CursorBench, CursorTeam
from tests.dlt_pipelines.pseudonyms import KEY

ONE_DAY = timedelta(days=1)
RESTATED_DAY = date(2026, 10, 8)
BEFORE = cc.RESTATED_ON - ONE_DAY

Serve = Callable[..., CursorServer]


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CursorBench:
    monkeypatch.setenv("AGENT_SPEND_WAREHOUSE", str(tmp_path / "w.duckdb"))
    return CursorBench(tmp_path, monkeypatch, CursorTeam.__new__(CursorTeam))


@pytest.fixture
def serve(bench: CursorBench, company: Company) -> Iterator[Serve]:
    with ExitStack() as stack:

        def start(faults: CursorFaults | None = None, as_of: date = AS_OF) -> CursorServer:
            server = stack.enter_context(CursorServer(company, as_of, faults))
            for name, value in settings(server.url).items():
                bench.monkeypatch.setenv(name, value)
            bench.today(as_of)
            return server

        yield start


def books(company: Company, day: date, as_of: date) -> tuple[int, Decimal]:
    """Events of a day and the cents that are known of them, to nine digits each."""
    events = [event for event in cursor_use(company).full_day_events(as_of) if event.day == day]
    known = [event.charged_cents for event in events if event.charged_cents is not None]
    return len(events), sum((cents.quantize(Decimal("0.000000001")) for cents in known), Decimal(0))


def loaded(bench: CursorBench, day: date) -> tuple[Any, ...]:
    return bench.rows(f"select count(*), sum(charged_cents) from raw_cursor.usage_events where day = '{day}'")[0]


def test_days_are_loaded_as_the_books_have_them_and_nothing_is_written(
    bench: CursorBench, serve: Serve, company: Company
) -> None:
    server = serve()
    outcome = bench.extract(cc.CURIOUS_DAY, cc.CURIOUS_DAY)
    assert not outcome.problems
    assert not outcome.warnings
    assert loaded(bench, cc.CURIOUS_DAY) == books(company, cc.CURIOUS_DAY, AS_OF)
    assert server.writes == []
    assert {record.status for record in server.requests} == {200}


def test_activity_is_loaded_as_the_books_have_it(bench: CursorBench, serve: Serve, company: Company) -> None:
    serve()
    bench.extract(RESTATED_DAY, RESTATED_DAY)
    keys = Pseudonymizer(KEY)
    expected = Counter(
        (keys.key("email", row.principal.identifier), row.requests, row.suggestions, row.is_active)
        for row in truth.activity(company, AS_OF)
        if row.usage_date == RESTATED_DAY
    )
    found = bench.rows("""
        select email_key, composer_requests + chat_requests + agent_requests + cmdk_usages, total_tabs_shown, is_active
        from raw_cursor.daily_usage
    """)
    assert Counter(found) == expected


def test_a_restated_cycle_moves_what_is_loaded(bench: CursorBench, serve: Serve, company: Company) -> None:
    serve(as_of=BEFORE)
    bench.extract(RESTATED_DAY, RESTATED_DAY)
    before = loaded(bench, RESTATED_DAY)
    assert before == books(company, RESTATED_DAY, BEFORE)
    serve(as_of=cc.RESTATED_ON)
    # An ordinary run: the day is ten days old.
    bench.extract()
    after = loaded(bench, RESTATED_DAY)
    assert after == books(company, RESTATED_DAY, cc.RESTATED_ON)
    assert after != before
    assert bench.statuses(day=RESTATED_DAY) == ["loaded", "loaded"]
    rows = bench.one("select count(*) from raw_cursor.usage_events")
    outcome = bench.extract()
    assert {report for report, count in outcome.reports.items() if count} == {"unchanged"}
    assert bench.one("select count(*) from raw_cursor.usage_events") == rows


@pytest.mark.parametrize(
    "faults",
    [
        CursorFaults(server_errors=3),
        CursorFaults(limited_answers=2),
        CursorFaults(limited_answers=2, retry_after="7"),
        CursorFaults(drop_connection_once="request"),
        CursorFaults(drop_connection_once="answer"),
    ],
    ids=["server errors", "429", "429 with retry-after", "no answer", "half an answer"],
)
def test_bad_weather_changes_nothing(bench: CursorBench, serve: Serve, company: Company, faults: CursorFaults) -> None:
    serve(faults)
    outcome = bench.extract(RESTATED_DAY, RESTATED_DAY)
    assert not outcome.problems
    assert loaded(bench, RESTATED_DAY) == books(company, RESTATED_DAY, AS_OF)


def test_events_that_arrive_between_pages_are_neither_lost_nor_counted_twice(
    bench: CursorBench, serve: Serve, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dlt_pipelines.cursor.endpoints.EVENTS_PER_PAGE", 20)
    server = serve(CursorFaults(arrivals=2))
    outcome = bench.extract(RESTATED_DAY, RESTATED_DAY)
    assert not outcome.problems
    assert len(server.arrived) == 2
    assert loaded(bench, RESTATED_DAY)[0] == books(company, RESTATED_DAY, AS_OF)[0] + 2


@pytest.mark.parametrize("variant", ["display", "2025"])
def test_every_variant_of_the_answer_is_read(bench: CursorBench, serve: Serve, company: Company, variant: Any) -> None:
    serve(CursorFaults(variant=variant))
    outcome = bench.extract(RESTATED_DAY, RESTATED_DAY)
    assert not outcome.problems
    assert not outcome.warnings
    records, cents = books(company, RESTATED_DAY, AS_OF)
    assert loaded(bench, RESTATED_DAY) == (records, None if variant == "2025" else cents)
    assert bench.one("select count(*) from raw_cursor.usage_events where kind is null") == 0


def test_a_team_without_the_api_gets_its_days_from_the_export(
    bench: CursorBench, serve: Serve, company: Company
) -> None:
    serve(CursorFaults(not_enterprise=frozenset({"*"})))
    bench.set(organization_id=None, organization_key=None, export_glob=str(bench.folder / "*.csv"))
    write_export(company, bench.folder / "export.csv", AS_OF, RESTATED_DAY, RESTATED_DAY + ONE_DAY)
    outcome = bench.extract(RESTATED_DAY, RESTATED_DAY)
    assert all("Enterprise plan" in str(problem) for problem in outcome.problems)
    # One word for each report of the API, however many days it was asked for.
    assert len(outcome.problems) == 6
    for day in (RESTATED_DAY, RESTATED_DAY + ONE_DAY):
        records = bench.one(f"select count(*) from raw_cursor.exported_events where day = '{day}'")
        assert records == books(company, day, AS_OF)[0]
