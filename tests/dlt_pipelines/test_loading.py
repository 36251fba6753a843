"""What all vendors' extractions do alike: a vendor that fails half way does not cost what came before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from dlt_pipelines.errors import PermissionMissing, TokenRefused
from dlt_pipelines.fetched import Asked
from dlt_pipelines.http import ApiClient
from dlt_pipelines.identifiers import Pseudonymizer
from dlt_pipelines.openai.records import PROJECTS
from dlt_pipelines.openai.tables import DATASET
from dlt_pipelines.outcome import Outcome
from dlt_pipelines.paged_extraction import Endpoint, NamedAccount, PagedExtraction, Target
from dlt_pipelines.pages import NotThereYet, Page, WindowMoved, envelope, records_of
from dlt_pipelines.pipelines import Warehouse
from dlt_pipelines.progress import Progress
from dlt_pipelines.windows import Window
from tests.dlt_pipelines.pseudonyms import KEY

TODAY = date(2026, 10, 20)
ACCOUNT = NamedAccount("organization", "test")
PROJECT = Page(records_of(envelope(b'{"data": [{"id": "proj_1", "name": "One"}]}')["data"]))


def one_project(_: Asked[NamedAccount]) -> Iterator[Page]:
    yield PROJECT


@pytest.fixture
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    monkeypatch.setenv("AGENT_SPEND_WAREHOUSE", str(tmp_path / "w.duckdb"))
    monkeypatch.setenv("AGENT_SPEND_AS_OF", TODAY.isoformat())
    return Warehouse()


def run(warehouse: Warehouse, *endpoints: Endpoint) -> Outcome:
    outcome = Outcome()
    target = Target(ACCOUNT, ApiClient("http://127.0.0.1:9", {}), endpoints)
    keys = Pseudonymizer(KEY)
    with warehouse.run(DATASET), Progress() as progress:
        PagedExtraction("Test", DATASET, [target], warehouse, Window(TODAY, 3), keys, outcome, progress).run()
    return outcome


def days_loaded(warehouse: Warehouse, report: str) -> list[date]:
    days = warehouse.history(DATASET).get((ACCOUNT.account_id, report), {})
    return sorted(day for day, entry in days.items() if entry.status == "loaded")


def test_days_that_came_before_a_refusal_are_committed(warehouse: Warehouse) -> None:
    def refused_on_the_18th(asked: Asked[NamedAccount]) -> Iterator[Page]:
        if asked.day == date(2026, 10, 18):
            raise TokenRefused("no longer")
        yield PROJECT

    with pytest.raises(TokenRefused):
        run(warehouse, Endpoint("projects-by-day", PROJECTS, refused_on_the_18th))
    loaded = days_loaded(warehouse, "projects-by-day")
    assert loaded == [date(2026, 9, 22) + timedelta(days=n) for n in range(26)], "28 days, without the last two"


def test_a_list_that_is_refused_does_not_cost_the_days(warehouse: Warehouse) -> None:
    def refused(_: Asked[NamedAccount]) -> Iterator[Page]:
        raise TokenRefused("not this list")
        yield

    with pytest.raises(TokenRefused):
        run(warehouse, Endpoint("by-day", PROJECTS, one_project), Endpoint("list", PROJECTS, refused, dated=False))
    assert len(days_loaded(warehouse, "by-day")) == 28


@pytest.mark.parametrize("error", [KeyError("some-person"), TypeError("some-person"), AttributeError("some-person")])
def test_an_answer_of_an_unknown_form_is_told_without_its_text_and_others_go_on(
    warehouse: Warehouse, error: Exception
) -> None:
    def odd(_: Asked[NamedAccount]) -> Iterator[Page]:
        raise error
        yield

    outcome = run(
        warehouse,
        Endpoint("odd", PROJECTS, odd, dated=False),
        Endpoint("list", PROJECTS, one_project, dated=False),
    )
    (problem,) = outcome.problems
    assert "unknown form" in str(problem)
    assert "some-person" not in str(problem)
    assert days_loaded(warehouse, "list") == [TODAY]


def test_a_refused_report_is_told_once_and_not_asked_for_every_day(warehouse: Warehouse) -> None:
    asked_days: list[date | None] = []

    def forbidden(asked: Asked[NamedAccount]) -> Iterator[Page]:
        asked_days.append(asked.day)
        raise PermissionMissing("a scope is missing")
        yield

    outcome = run(warehouse, Endpoint("by-day", PROJECTS, forbidden))
    assert len(outcome.problems) == 1
    assert len(asked_days) <= 4, "no more than were under way at once"


def test_a_window_that_moves_is_read_again_from_page_one(warehouse: Warehouse) -> None:
    readings: list[int] = []

    def moving(_: Asked[NamedAccount]) -> Iterator[Page]:
        readings.append(len(readings))
        yield PROJECT
        if len(readings) < 3:
            raise WindowMoved

    outcome = run(warehouse, Endpoint("list", PROJECTS, moving, dated=False))
    assert not outcome.problems
    assert len(readings) == 3
    assert outcome.rows == 1, "the pages of the readings that moved are forgotten"


def test_a_window_that_never_rests_is_given_up(warehouse: Warehouse) -> None:
    def moving(_: Asked[NamedAccount]) -> Iterator[Page]:
        yield PROJECT
        raise WindowMoved

    outcome = run(warehouse, Endpoint("list", PROJECTS, moving, dated=False))
    assert "moved" in str(outcome.problems[0])
    assert days_loaded(warehouse, "list") == []


def test_a_day_that_is_not_there_yet_is_no_problem_and_no_zero(warehouse: Warehouse) -> None:
    def early(_: Asked[NamedAccount]) -> Iterator[Page]:
        raise NotThereYet("latest available: 2026-10-17")
        yield

    outcome = run(warehouse, Endpoint("by-day", PROJECTS, early))
    assert not outcome.problems
    assert outcome.reports == {"not_available": 28}


def test_a_day_read_twice_is_loaded_once(warehouse: Warehouse) -> None:
    endpoint = Endpoint("by-day", PROJECTS, one_project)
    assert run(warehouse, endpoint).reports == {"loaded": 28}
    assert run(warehouse, endpoint).reports == {"unchanged": 3}, "only the last three days are asked for again"


def test_an_empty_day_is_loaded_with_no_rows(warehouse: Warehouse) -> None:
    outcome = run(warehouse, Endpoint("by-day", PROJECTS, lambda _: iter([Page([])])))
    assert outcome.reports == {"loaded": 28}
    assert outcome.rows == 0
