"""Answers of Cursor that are not built as documented: none is taken for "nothing was used", and none is followed on."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from demo.local_server import Request, Response, json_response
from dlt_pipelines.cursor import endpoints
from dlt_pipelines.errors import ExitCode, PermissionMissing, RequestFailed, TokenRefused
from tests.dlt_pipelines.cursor_team import DAY, ORGANIZATION_KEY, START, CursorBench, cursor_bench, event

EVENTS_PATH = "/teams/filtered-usage-events"
DAILY_PATH = "/teams/daily-usage-data"
PATHS = {
    "usage-events": EVENTS_PATH,
    "daily-usage": DAILY_PATH,
    "members": "/teams/members",
    "spend": "/teams/spend",
    "groups": "/teams/groups",
    "audit-logs": "/teams/audit-logs",
    "pooled-usage": "/organizations/pooled-usage",
}
# It stands for anything that names a person.
TELLING = "ada@example.com"


@pytest.fixture
def cursor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CursorBench]:
    with cursor_bench(tmp_path, monkeypatch) as bench:
        bench.set(organization_id="org_1", organization_key=ORGANIZATION_KEY)
        yield bench


def pages_asked(cursor: CursorBench, path: str) -> list[int]:
    return [body["page"] for _, asked, body in cursor.team.asked if asked == path]


@pytest.mark.parametrize("body", [b"", b"{}", b'{"error": "try later"}'], ids=["nothing", "empty", "error"])
@pytest.mark.parametrize("report", PATHS)
def test_an_answer_without_its_list_is_no_answer(cursor: CursorBench, report: str, body: bytes) -> None:
    cursor.team.answers[PATHS[report]] = lambda request: Response(200, body)
    outcome = cursor.read_day()
    (problem,) = outcome.problems
    assert isinstance(problem, RequestFailed)
    assert str(problem).startswith(f"{report} ")
    assert "an answer without " in str(problem)
    loaded = "select count(*) from raw_cursor.report_loads where status = 'loaded' and report = '{}'"
    assert cursor.one(loaded.format(report)) == 0
    assert cursor.one(loaded.format("members" if report != "members" else "spend")) == 1


def test_an_answer_without_its_list_supersedes_no_money(cursor: CursorBench) -> None:
    cursor.team.events = [event(START, chargedCents=420)]
    cursor.read_day()
    cursor.team.answers[EVENTS_PATH] = lambda request: json_response({})
    assert cursor.read_day().exit_code == ExitCode.FAILED
    assert cursor.statuses() == ["loaded"]
    assert cursor.rows("select charged_cents from raw_cursor.usage_events") == [(Decimal(420),)]


# Paging.


def test_events_beyond_the_promised_count_end_the_paging(cursor: CursorBench) -> None:
    cursor.team.answers[EVENTS_PATH] = lambda request: json_response(
        {"totalUsageEventsCount": 2, "pagination": {"hasNextPage": True}, "usageEvents": [event(START)]}
    )
    (problem,) = cursor.read_day().problems
    assert "moved" in str(problem)
    assert cursor.statuses() == []
    # 1, 2, and the third event is one too many; four times.
    assert pages_asked(cursor, EVENTS_PATH) == [1, 2, 3] * 4


@pytest.mark.parametrize(
    ("report", "answer"),
    [
        ("usage-events", {"usageEvents": [], "pagination": {"hasNextPage": True}}),
        ("daily-usage", {"data": [], "pagination": {"hasNextPage": True, "totalUsers": 1}}),
        ("audit-logs", {"events": [], "pagination": {"hasNextPage": True, "totalCount": 1}}),
        ("spend", {"teamMemberSpend": [], "totalPages": 9}),
    ],
)
def test_an_empty_page_that_promises_more_is_no_page(
    cursor: CursorBench, report: str, answer: dict[str, object]
) -> None:
    cursor.team.answers[PATHS[report]] = lambda request: json_response(answer)
    (problem,) = cursor.read_day().problems
    assert "moved" in str(problem)
    assert len([path for _, path, _ in cursor.team.asked if path == PATHS[report]]) == 4


@pytest.mark.parametrize(
    ("report", "answer"),
    [
        ("usage-events", {"usageEvents": [event(START)], "pagination": {"hasNextPage": True}}),
        ("daily-usage", {"data": [{"date": START}], "pagination": {"hasNextPage": True}}),
        ("audit-logs", {"events": [{"event_id": "e"}], "pagination": {"hasNextPage": True}}),
        ("spend", {"teamMemberSpend": [{"userId": 1}], "totalPages": 1_000_000}),
    ],
)
def test_pages_without_an_end_are_a_failure_not_a_short_report(
    cursor: CursorBench, monkeypatch: pytest.MonkeyPatch, report: str, answer: dict[str, object]
) -> None:
    monkeypatch.setattr(endpoints, "MOST_PAGES", 3)
    cursor.team.answers[PATHS[report]] = lambda request: json_response(answer)
    (problem,) = cursor.read_day().problems
    assert "more than 3 pages" in str(problem)
    found = f"select count(*) from raw_cursor.report_loads where report = '{report}' and status = 'loaded'"
    assert cursor.one(found) == 0


def test_a_full_page_is_not_the_whole_day_where_nothing_is_said_of_more(cursor: CursorBench) -> None:
    def answer(request: Request) -> Response:
        page = cursor.team.asked[-1][2]["page"]
        return json_response({"usageEvents": [event(START + n) for n in range(1000 if page == 1 else 2)]})

    cursor.team.answers[EVENTS_PATH] = answer
    assert not cursor.read_day().problems
    assert cursor.one("select count(*) from raw_cursor.usage_events") == 1002
    assert pages_asked(cursor, EVENTS_PATH) == [1, 2]


def test_the_number_of_pages_is_kept_to(cursor: CursorBench) -> None:
    cursor.team.answers[EVENTS_PATH] = lambda request: json_response(
        {"usageEvents": [event(START)], "pagination": {"numPages": 3}}
    )
    assert not cursor.read_day().problems
    assert pages_asked(cursor, EVENTS_PATH) == [1, 2, 3]
    assert cursor.one("select count(*) from raw_cursor.usage_events") == 3


# Refusals.


@pytest.mark.parametrize("report", ["spend", "groups", "audit-logs", "pooled-usage"])
def test_a_401_of_a_secondary_report_costs_only_that_report(cursor: CursorBench, report: str) -> None:
    refused = json_response({"error": "Unauthorized", "message": "Missing scope"}, 401)
    cursor.team.answers[PATHS[report]] = lambda request: refused
    (problem,) = cursor.read_day().problems
    assert isinstance(problem, PermissionMissing)
    assert not isinstance(problem, TokenRefused)
    assert f"refuses {report} of team/sail-makers (Missing scope)" in str(problem)
    assert cursor.statuses() == ["loaded"]
    assert cursor.one("select count(*) from raw_cursor.report_loads where report = 'members'") == 1


@pytest.mark.parametrize("report", ["usage-events", "daily-usage", "members"])
def test_a_401_of_a_primary_report_is_a_refused_key(cursor: CursorBench, report: str) -> None:
    cursor.team.answers[PATHS[report]] = lambda request: json_response({"message": "Invalid API key"}, 401)
    with pytest.raises(TokenRefused, match="does not accept the key"):
        cursor.read_day()


# Values of another form.


@pytest.mark.parametrize("timestamp", [TELLING, "", "99999999999999999999", "9223372036854775"])
def test_a_timestamp_that_names_no_moment_rejects_the_day(cursor: CursorBench, timestamp: str) -> None:
    # The stub picks events by their timestamps; this answer is as it is.
    odd = {**event(START), "timestamp": timestamp}
    cursor.team.answers[EVENTS_PATH] = lambda request: json_response(
        {"totalUsageEventsCount": 2, "usageEvents": [event(START), odd], "pagination": {"hasNextPage": False}}
    )
    outcome = cursor.read_day()
    assert cursor.statuses() == ["rejected"]
    assert outcome.exit_code == ExitCode.REJECTED_DATA
    assert "(1 such records)" in str(outcome.problems[0])
    assert TELLING not in str(outcome.problems[0])


@pytest.mark.parametrize("day", [{}, {"date": TELLING}, {"date": None}], ids=["none", "text", "null"])
def test_daily_usage_without_a_day_is_rejected(cursor: CursorBench, day: dict[str, object]) -> None:
    cursor.team.answers[DAILY_PATH] = lambda request: json_response({"data": [{"email": TELLING, **day}]})
    outcome = cursor.read_day()
    assert cursor.statuses("daily-usage") == ["rejected"]
    assert TELLING not in str(outcome.problems[0])


def test_moments_of_another_form_are_unknown(cursor: CursorBench) -> None:
    member = {"userId": "u", "joinedAt": TELLING, "leftAt": "soon"}
    group = {"id": "g", "name": "Rigging", "createdAt": TELLING, "updatedAt": "", "currentMembers": [member]}
    cursor.team.groups = {"groups": [group]}
    cursor.team.pool = {"pool": {"contractStartDate": TELLING, "contractEndDate": "2026-12-31"}, "teams": []}
    cursor.team.audit = [{"event_id": "e", "event_type": "add_user", "timestamp": TELLING}]
    assert not cursor.read_day().problems
    assert cursor.rows("select joined_at, left_at from raw_cursor.billing_group_members") == [(None, None)]
    assert cursor.rows("select created_at, updated_at from raw_cursor.billing_groups") == [(None, None)]
    assert cursor.rows("select contract_start_at, contract_end_at::date::varchar from raw_cursor.pools") == [
        (None, "2026-12-31")
    ]
    assert cursor.rows("select event_at from raw_cursor.audit_events") == [(None,)]


@pytest.mark.parametrize(
    ("report", "answer", "field"),
    [
        ("usage-events", {"usageEvents": [], "pagination": TELLING}, "pagination is not an object"),
        ("usage-events", {"usageEvents": [], "totalUsageEventsCount": TELLING}, "totalUsageEventsCount is not a num"),
        ("daily-usage", {"data": [], "pagination": [TELLING]}, "pagination is not an object"),
        ("audit-logs", {"events": [], "pagination": TELLING}, "pagination is not an object"),
        ("spend", {"teamMemberSpend": [], "subscriptionCycleStart": TELLING}, "subscriptionCycleStart is not a number"),
        ("spend", {"teamMemberSpend": [], "subscriptionCycleStart": 1e300}, "subscriptionCycleStart is not a moment"),
        ("groups", {"groups": [], "billingCycle": TELLING}, "billingCycle is not an object"),
        ("groups", {"groups": [], "billingCycle": {"cycleStart": TELLING}}, "cycleStart is not a moment"),
        ("groups", {"groups": [], "billingCycle": {"cycleEnd": 17}}, "cycleEnd is not a moment"),
    ],
)
def test_an_envelope_of_another_form_fails_without_its_values(
    cursor: CursorBench, report: str, answer: dict[str, object], field: str
) -> None:
    cursor.team.answers[PATHS[report]] = lambda request: json_response(answer)
    (problem,) = cursor.read_day().problems
    assert isinstance(problem, RequestFailed)
    assert field in str(problem)
    assert TELLING not in str(problem)
    assert cursor.statuses("daily-usage" if report != "daily-usage" else "usage-events", DAY) == ["loaded"]
