"""Cursor's API as documented: every trap of it, against a team that a test makes up."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from demo.local_server import Request, Response, json_response
from dlt_pipelines.cursor import checks, load_settings, make_targets
from dlt_pipelines.errors import ConfigurationError, ExitCode, PermissionMissing, RequestFailed, TokenRefused
from dlt_pipelines.http import Clock
from dlt_pipelines.identifiers import Pseudonymizer
from tests.dlt_pipelines.cursor_team import (
    ADMIN_KEY,
    DAY,
    KEY,
    LAST_MILLISECOND,
    ORGANIZATION_KEY,
    START,
    TODAY,
    CursorBench,
    cursor_bench,
    event,
)

ONE_DAY = timedelta(days=1)
EVENTS_PATH = "/teams/filtered-usage-events"

ALL_READS = {
    ("POST", "/teams/filtered-usage-events"),
    ("POST", "/teams/daily-usage-data"),
    ("GET", "/teams/members"),
    ("POST", "/teams/spend"),
    ("GET", "/teams/groups"),
    ("GET", "/teams/audit-logs"),
    ("POST", "/organizations/pooled-usage"),
}


@pytest.fixture
def cursor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CursorBench]:
    with cursor_bench(tmp_path, monkeypatch) as bench:
        yield bench


def key(namespace: str, identifier: str) -> str:
    return str(Pseudonymizer(KEY).key(namespace, identifier))  # type: ignore[arg-type]


# Windows.


def test_both_bounds_of_a_window_count_so_a_day_ends_at_its_last_millisecond(cursor: CursorBench) -> None:
    cursor.team.events = [event(START - 1), event(START), event(LAST_MILLISECOND), event(LAST_MILLISECOND + 1)]
    cursor.extract(DAY - ONE_DAY, DAY + ONE_DAY)
    found = cursor.rows("select day, count(*) from raw_cursor.usage_events group by day order by day")
    assert found == [(DAY - ONE_DAY, 1), (DAY, 2), (DAY + ONE_DAY, 1)]


def test_bodies_hold_numbers_never_text(cursor: CursorBench) -> None:
    cursor.set(organization_id="org_1", organization_key=ORGANIZATION_KEY)
    cursor.read_day()
    posted = [body for method, path, body in cursor.team.asked if method == "POST" and path.startswith("/teams/")]
    assert posted
    texts = {name for body in posted for name, value in body.items() if isinstance(value, str)}
    assert texts <= {"sortBy", "sortDirection"}
    assert {body["startDate"] for body in posted if "startDate" in body} == {START}
    assert {body["endDate"] for body in posted if "endDate" in body} == {LAST_MILLISECOND}


def test_a_page_that_shifts_is_read_again_from_page_one(cursor: CursorBench) -> None:
    cursor.team.page_limit = 2
    cursor.team.events = [event(START + number, requestsCosts=number) for number in range(5)]
    late = [event(START + 99, requestsCosts=99)]

    def arrive(request: Request) -> None:
        if cursor.team.asked[-1][2]["page"] == 2 and late:
            cursor.team.events.insert(0, late.pop())

    cursor.team.answers[EVENTS_PATH] = arrive
    cursor.read_day()
    units = cursor.rows("select request_units from raw_cursor.usage_events order by 1")
    assert [int(unit) for (unit,) in units] == [0, 1, 2, 3, 4, 99]


def test_a_count_that_is_not_met_is_no_day(cursor: CursorBench) -> None:
    cursor.team.answers[EVENTS_PATH] = lambda request: json_response(
        {"totalUsageEventsCount": 3, "pagination": {"hasNextPage": False}, "usageEvents": [event(START)]}
    )
    outcome = cursor.read_day()
    assert any(isinstance(problem, RequestFailed) and "moved" in str(problem) for problem in outcome.problems)
    assert cursor.statuses() == []


def test_days_are_read_again_for_a_whole_cycle_and_the_last_three_on_every_run(cursor: CursorBench) -> None:
    cursor.extract(TODAY - 40 * ONE_DAY)
    cursor.team.asked.clear()

    def asked() -> list[date]:
        starts = [body["startDate"] for _, path, body in cursor.team.asked if path == EVENTS_PATH]
        return sorted(datetime.fromtimestamp(start / 1000, UTC).date() for start in starts)

    cursor.extract()
    assert asked() == [TODAY - back * ONE_DAY for back in (3, 2, 1)]
    cursor.team.asked.clear()
    cursor.today(TODAY + ONE_DAY)
    cursor.extract()
    # The day that has closed since, and every day that was last read less than 35 days after it.
    assert asked() == [TODAY - back * ONE_DAY for back in range(34, -1, -1)]


def test_a_closed_window_read_twice_changes_nothing(cursor: CursorBench) -> None:
    cursor.team.events = [event(START, chargedCents=4.2)]
    cursor.read_day()
    before = cursor.rows("select * from raw_cursor.usage_events")
    outcome = cursor.read_day()
    assert cursor.statuses() == ["loaded", "unchanged"]
    assert outcome.reports["unchanged"] >= 2
    assert cursor.rows("select * from raw_cursor.usage_events") == before


def test_a_restated_charge_replaces_its_day(cursor: CursorBench) -> None:
    cursor.team.events = [event(START, chargedCents=420), event(START + 1, chargedCents=7)]
    cursor.read_day()
    # Downwards, and the other event is gone.
    cursor.team.events = [event(START, chargedCents=250)]
    cursor.read_day()
    assert cursor.statuses() == ["loaded", "loaded"]
    assert cursor.rows("select charged_cents from raw_cursor.usage_events") == [(Decimal(250),)]


def test_a_day_without_events_is_an_answer(cursor: CursorBench) -> None:
    outcome = cursor.read_day()
    assert not outcome.problems
    assert cursor.statuses() == ["loaded"]
    found = "select rows from raw_cursor.report_loads where report = 'usage-events' and status = 'loaded'"
    assert cursor.rows(found) == [(0,)]


# Usage events.


def test_alike_events_in_one_millisecond_are_all_kept(cursor: CursorBench) -> None:
    twin = event(START, userEmail="ada@example.com", chargedCents=1.5, tokenUsage={"inputTokens": 7})
    cursor.team.events = [twin, twin, twin]
    outcome = cursor.read_day()
    assert not outcome.warnings
    assert cursor.rows(
        "select count(*), count(distinct record_ordinal), sum(charged_cents) from raw_cursor.usage_events"
    ) == [(3, 3, Decimal("4.5"))]


def test_the_dashboards_name_for_events_is_read_too(cursor: CursorBench) -> None:
    shown = event(START, kind="USAGE_EVENT_KIND_USAGE_BASED", userId="152683922", chargedCents=15.66)
    answer = {"totalUsageEventsCount": 1, "usageEventsDisplay": [shown]}
    cursor.team.answers[EVENTS_PATH] = lambda request: json_response(answer)
    outcome = cursor.read_day()
    assert not outcome.warnings
    assert cursor.rows("select kind, charged_cents from raw_cursor.usage_events") == [
        ("USAGE_EVENT_KIND_USAGE_BASED", Decimal("15.66"))
    ]


def test_pages_without_a_pagination_block_go_on_until_all_events_are_there(cursor: CursorBench) -> None:
    def answer(request: Request) -> Response:
        page = cursor.team.asked[-1][2]["page"]
        return json_response({"totalUsageEventsCount": 2, "usageEventsDisplay": [event(START + page)]})

    cursor.team.answers[EVENTS_PATH] = answer
    cursor.read_day()
    assert cursor.one("select count(*) from raw_cursor.usage_events") == 2


def test_kind_label_of_2025_is_the_kind(cursor: CursorBench) -> None:
    old = event(START, kindLabel="Included in Business", isFreeBugbot=False)
    del old["kind"]
    cursor.team.events = [old]
    cursor.read_day()
    assert cursor.rows("select kind, is_free_bugbot, charged_cents from raw_cursor.usage_events") == [
        ("Included in Business", False, None)
    ]


def test_what_is_absent_is_null_and_not_zero(cursor: CursorBench) -> None:
    cursor.team.events = [
        event(START, chargedCents=26.671855926513672, tokenUsage={}),
        event(START + 1, tokenUsage=None),
        event(START + 2),
        event(START + 3, tokenUsage={"inputTokens": 0, "outputTokens": 5}, chargedCents=0, cursorTokenFee=0),
    ]
    cursor.read_day()
    assert cursor.rows(
        "select charged_cents, input_tokens, output_tokens, cache_read_tokens, model_cents, cursor_token_fee_cents,"
        " is_chargeable, is_headless, max_mode, email_key, request_units from raw_cursor.usage_events order by event_at"
    ) == [
        (Decimal("26.671855927"), *[None] * 10),
        (None,) * 11,
        (None,) * 11,
        (Decimal(0), 0, 5, None, None, Decimal(0), *[None] * 5),
    ]


def test_float_noise_is_kept_to_nine_digits(cursor: CursorBench) -> None:
    cents = ["70.82691192626953", "1234567.123456789", "0.1", "37.33"]
    texts = "[" + ",".join(f'{{"timestamp":"{START + n}","chargedCents":{c}}}' for n, c in enumerate(cents)) + "]"
    body = f'{{"totalUsageEventsCount": 4, "usageEvents": {texts}}}'
    cursor.team.answers[EVENTS_PATH] = lambda request: Response(200, body.encode())
    cursor.read_day()
    expected = [Decimal(c).quantize(Decimal("0.000000001")) for c in cents]
    assert [
        c for (c,) in cursor.rows("select charged_cents from raw_cursor.usage_events order by event_at")
    ] == expected


def test_the_manifest_carries_the_control_totals(cursor: CursorBench) -> None:
    cursor.team.events = [
        event(START, userEmail="ada@example.com", chargedCents=1.25),
        event(START + 1, userEmail="ada@example.com", chargedCents=2),
        event(START + 2, userEmail="ben@example.com"),
    ]
    cursor.read_day()
    assert cursor.rows(
        "select rows, users, credits_sum from raw_cursor.report_loads"
        " where report = 'usage-events' and status = 'loaded'"
    ) == [(3, 2, Decimal("3.25"))]


def test_a_service_account_keeps_its_id_and_the_hints_of_its_name(cursor: CursorBench) -> None:
    cursor.team.events = [
        event(START, serviceAccountId="sa_1", serviceAccountName="Ada's Nightly CI-Agent", userEmail="ada@example.com"),
        event(START + 1, cloudAgentId="bc-1", automationId="a-1", isHeadless=True),
    ]
    cursor.read_day()
    assert cursor.rows(
        "select service_account_id, service_account_name_hints, cloud_agent_id, automation_id, is_headless, email_key"
        " from raw_cursor.usage_events order by event_at"
    ) == [
        ("sa_1", "ci,nightly", None, None, None, key("email", "ada@example.com")),
        (None, None, "bc-1", "a-1", True, None),
    ]


def test_unknown_fields_are_kept_and_told(cursor: CursorBench) -> None:
    cursor.team.events = [event(START, brandNew={"a": 1}, tokenUsage={"thinkingTokens": 9}, ownerName="Ada")]
    outcome = cursor.read_day()
    (warning,) = outcome.warnings
    assert "brandNew" in warning
    assert "tokenUsage.thinkingTokens" in warning
    extra = cursor.one("select extra from raw_cursor.usage_events")
    assert '"brandNew":{"a":1}' in extra
    assert "Ada" not in extra


def test_a_field_of_another_type_rejects_the_day_and_names_the_field(cursor: CursorBench) -> None:
    cursor.team.events = [event(START), event(START + 1, chargedCents={"amount": 3})]
    outcome = cursor.read_day()
    assert cursor.statuses()[-1] == "rejected"
    assert outcome.exit_code == ExitCode.REJECTED_DATA
    assert "line 2: field chargedCents changed type" in str(outcome.problems[0])


# Activity and lists.


def member_day(email: str, **fields: object) -> dict[str, object]:
    return {"userId": 12345, "day": DAY.isoformat(), "date": START, "email": email, "isActive": True, **fields}


def test_daily_usage_pages_count_users_and_idle_members_are_kept(cursor: CursorBench) -> None:
    cursor.team.page_limit = 1
    cursor.team.daily = [
        member_day("ada@example.com", agentRequests=12),
        # Two rows of one user: more rows than the page's size.
        member_day("ada@example.com", agentRequests=3),
        member_day("ben@example.com", isActive=False, agentRequests=0),
        member_day("cyd@example.com", agentRequests=1),
    ]
    cursor.read_day()
    assert cursor.rows("select agent_requests, is_active from raw_cursor.daily_usage order by 1") == [
        (0, False),
        (1, True),
        (3, True),
        (12, True),
    ]
    bodies = [body for _, path, body in cursor.team.asked if path == "/teams/daily-usage-data"]
    assert [body["page"] for body in bodies] == [1, 2, 3]


def test_daily_usage_of_old_payloads_names_its_day_by_the_date_alone(cursor: CursorBench) -> None:
    old = member_day("ada@example.com", chatRequests=128)
    del old["day"], old["userId"]
    cursor.team.daily = [old]
    assert not cursor.read_day().problems
    assert cursor.rows("select day, chat_requests from raw_cursor.daily_usage") == [(DAY, 128)]


def test_daily_usage_of_another_day_is_refused(cursor: CursorBench) -> None:
    cursor.team.daily = [member_day("ada@example.com") | {"day": (DAY - ONE_DAY).isoformat()}]
    cursor.read_day()
    assert cursor.statuses("daily-usage")[-1] == "rejected"


def test_spend_is_read_to_its_last_page_with_cents_as_they_are(cursor: CursorBench) -> None:
    cursor.team.page_limit = 1
    cursor.team.spend = [
        {
            "userId": "user_a",
            "email": "ada@example.com",
            "name": "Ada",
            "spendCents": 2450.125487,
            "overallSpendCents": 3200.750456,
        },
        {"userId": 2, "email": "ben@example.com", "spendCents": 0, "monthlyLimitDollars": None, "billingTier": "x"},
        {"email": "cyd@example.com", "spendCents": 1, "totalPercentUsed": 2.27, "hardLimitOverrideDollars": 100},
    ]
    outcome = cursor.read_day()
    assert not outcome.warnings
    assert cursor.rows(
        "select user_key, spend_cents, overall_spend_cents, hard_limit_override_dollars,"
        " strftime(cycle_start_at, '%Y-%m-%d %H:%M:%S') from raw_cursor.spend order by spend_cents desc"
    ) == [
        (key("cursor_user", "user_a"), Decimal("2450.125487"), Decimal("3200.750456"), None, "2026-10-27 12:08:04"),
        (None, Decimal(1), None, Decimal(100), "2026-10-27 12:08:04"),
        (key("cursor_user", "2"), Decimal(0), None, None, "2026-10-27 12:08:04"),
    ]


def test_member_ids_are_text_numbers_or_absent(cursor: CursorBench) -> None:
    cursor.team.members = [
        {"id": "user_PDS", "name": "Ada Sailmaker", "email": "Ada@Example.com", "role": "owner", "isRemoved": False},
        {"id": 3, "name": "Ben", "email": "ben@example.com", "role": "removed", "isRemoved": True},
        {"name": "Cyd", "email": "cyd@example.com", "role": "member"},
    ]
    cursor.read_day()
    assert set(cursor.rows("select user_key, email_key, role, is_removed, snapshot_date from raw_cursor.members")) == {
        (key("cursor_user", "user_PDS"), key("email", "ada@example.com"), "owner", False, TODAY),
        (key("cursor_user", "3"), key("email", "ben@example.com"), "removed", True, TODAY),
        (None, key("email", "cyd@example.com"), "member", None, TODAY),
    }


def test_groups_come_with_members_former_ones_and_what_is_in_none(cursor: CursorBench) -> None:
    joined, left = "2026-06-01T00:00:00.000Z", "2026-08-16T00:00:00.000Z"
    current = {
        "userId": "user_a",
        "name": "Ada",
        "email": "ada@example.com",
        "joinedAt": joined,
        "leftAt": None,
        "spendCents": 12.5,
    }
    former = {"userId": "user_b", "name": "Ben", "email": "ben@example.com", "joinedAt": joined, "leftAt": left}
    cursor.team.groups = {
        "groups": [
            {"id": "group_1", "name": "Rigging", "type": "BILLING", "memberCount": 1, "spendCents": 245000.25,
             "currentMembers": [current], "formerMembers": [former], "dailySpend": [{"spendCents": 8}]},
            {"id": "group_2", "name": "Design", "directoryGroupId": "dir_1", "memberCount": 5},
        ],
        "unassignedGroup": {"id": "group_unassigned", "memberCount": 3, "spendCents": 15000},
        "billingCycle": {"cycleStart": "2026-10-27T12:08:04.000Z", "cycleEnd": "2026-11-27T12:08:04.000Z"},
    }  # fmt: skip
    outcome = cursor.read_day()
    assert not outcome.warnings
    assert set(
        cursor.rows("select group_id, group_name, member_count, spend_cents from raw_cursor.billing_groups")
    ) == {
        ("group_1", "Rigging", 1, Decimal("245000.25")),
        ("group_2", "Design", 5, None),
        ("group_unassigned", None, 3, Decimal(15000)),
    }
    assert set(
        cursor.rows(
            "select group_name, email_key, is_former, cast(left_at as date), spend_cents"
            " from raw_cursor.billing_group_members"
        )
    ) == {
        ("Rigging", key("email", "ada@example.com"), False, None, Decimal("12.5")),
        ("Rigging", key("email", "ben@example.com"), True, date(2026, 8, 16), None),
    }


def audit(kind: str, data: object) -> dict[str, object]:
    return {
        "event_id": f"evt_{kind}",
        "timestamp": "2026-11-01T12:30:00.000Z",
        "ip_address": "203.0.113.42",
        "user_email": "owner@example.com",
        "event_type": kind,
        "event_data": data,
    }


def test_the_audit_log_is_cut_down_to_joins_limits_and_keys(cursor: CursorBench) -> None:
    cursor.team.audit = [
        audit("add_user", {"email": "ada@example.com", "method": "manual", "name": "Ada Sailmaker"}),
        audit("user_spend_limit", {"targetEmail": "ben@example.com", "limit_dollars": 200, "old_value": "Ben Rigger"}),
        audit("team_settings", "not an object"),
        audit("login", {"ip_address": "203.0.113.42", "user_agent": "Cursor/2"}),
    ]
    outcome = cursor.read_day()
    assert not outcome.warnings
    owner = key("email", "owner@example.com")
    assert set(
        cursor.rows(
            "select event_type, actor_email_key, subject_email_key, details, extra from raw_cursor.audit_events"
        )
    ) == {
        ("add_user", owner, key("email", "ada@example.com"), '{"method":"manual"}', None),
        ("user_spend_limit", owner, key("email", "ben@example.com"), '{"limit_dollars":200}', None),
        ("team_settings", owner, None, None, None),
    }
    (query,) = [body for _, path, body in cursor.team.asked if path == "/teams/audit-logs"]
    assert (query["startTime"], query["endTime"]) == ("2026-10-13", "2026-11-12")


def test_the_pool_is_asked_for_with_its_own_key_and_only_if_there_is_one(cursor: CursorBench) -> None:
    cursor.read_day()
    assert not any(path.startswith("/organizations/") for _, path, _ in cursor.team.asked)
    cursor.set(organization_id="org_1", organization_key=ORGANIZATION_KEY)
    cursor.team.pool = {
        "pool": {"limitCents": 5000000, "usedCents": 1862340, "remainingCents": 3137660, "contractStartDate": None},
        "teams": [
            {"teamId": 7, "usedCents": 1440100.5, "budgetLimitCents": 2000000},
            {"teamId": "8", "usedCents": 422240},
        ],
    }
    outcome = cursor.read_day()
    assert not outcome.problems
    assert ("POST", "/organizations/pooled-usage", {"organizationId": "org_1"}) in cursor.team.asked
    assert cursor.rows("select limit_cents, remaining_cents, contract_start_at from raw_cursor.pools") == [
        (Decimal(5000000), Decimal(3137660), None)
    ]
    assert set(cursor.rows("select team_id, used_cents, budget_limit_cents from raw_cursor.pool_teams")) == {
        ("7", Decimal("1440100.5"), Decimal(2000000)),
        ("8", Decimal(422240), None),
    }


# Manners.


def test_nothing_that_writes_is_ever_called(cursor: CursorBench) -> None:
    cursor.set(organization_id="org_1", organization_key=ORGANIZATION_KEY)
    cursor.read_day()
    list(checks(load_settings()))
    assert {(method, path) for method, path, _ in cursor.team.asked} == ALL_READS


def test_the_code_knows_no_other_address() -> None:
    source = Path("dlt_pipelines/cursor/endpoints.py").read_text(encoding="utf-8")
    named = {
        word for word in source.replace('"', " ").split() if word.startswith(("/teams", "/organizations", "/settings"))
    }
    assert named == {path for _, path in ALL_READS}


def test_the_key_is_the_user_name_and_the_password_is_empty(cursor: CursorBench) -> None:
    cursor.read_day()
    # base64 of "crsr_admin_key_that_must_never_leak:"
    assert set(cursor.team.credentials) == {"Basic Y3Jzcl9hZG1pbl9rZXlfdGhhdF9tdXN0X25ldmVyX2xlYWs6"}


@pytest.mark.parametrize(
    ("override", "expected"),
    [(None, {"usage-events": 60, "members": 20, "spend": 20}), ("7", {"usage-events": 7, "members": 7})],
)
def test_events_may_be_asked_for_three_times_as_often(
    cursor: CursorBench, override: str | None, expected: dict[str, int]
) -> None:
    cursor.set(requests_per_minute=override)
    now, waits = [0.0], []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        now[0] += seconds

    targets = make_targets(load_settings(), Clock(now=lambda: now[0], sleep=sleep))
    for target in targets:
        for endpoint in target.endpoints:
            if endpoint.name in expected:
                now[0] += 61
                waits.clear()
                for number in range(1, expected[endpoint.name] + 2):
                    target.client.get("/teams/members")
                    assert bool(waits) == (number > expected[endpoint.name]), (endpoint.name, number)


def test_a_limit_without_retry_after_is_waited_out(cursor: CursorBench) -> None:
    left = [2]

    def limited(request: Request) -> Response | None:
        left[0] -= 1
        error = {"error": "Too Many Requests", "message": "Rate limit exceeded. Please try again later."}
        return json_response(error, 429) if left[0] >= 0 else None

    cursor.team.answers["/teams/members"] = limited
    outcome = cursor.read_day()
    assert not outcome.problems
    assert [wait for wait in cursor.waits if wait >= 60] == [60, 120]


def test_a_team_without_enterprise_is_told_what_it_needs_and_of_the_export(cursor: CursorBench) -> None:
    forbidden = json_response({"error": "Forbidden", "message": "Enterprise access required"}, 403)
    cursor.team.answers[EVENTS_PATH] = lambda request: forbidden
    cursor.team.members = [{"email": "ada@example.com"}]
    outcome = cursor.extract()
    (problem,) = outcome.problems
    assert isinstance(problem, PermissionMissing)
    assert not isinstance(problem, TokenRefused)
    for words in (
        "usage-events",
        "Enterprise access required",
        "Enterprise plan",
        '"admin:*"',
        "SOURCES__CURSOR__EXPORT_GLOB",
    ):
        assert words in str(problem)
    assert outcome.exit_code == ExitCode.MISSING_PERMISSION
    assert cursor.one("select count(*) from raw_cursor.members") == 1


def test_a_key_that_is_not_accepted_stops_the_run(cursor: CursorBench) -> None:
    cursor.set(admin_key="crsr_wrong")
    with pytest.raises(TokenRefused, match=r"Cursor does not accept the key \(Invalid API key\)\. Make a new one"):
        cursor.read_day()


def test_a_refused_organization_key_costs_only_the_pool(cursor: CursorBench) -> None:
    cursor.set(organization_id="org_1", organization_key="crsr_wrong")
    refused = json_response({"code": "error", "message": "Missing scope"}, 401)
    cursor.team.answers["/organizations/pooled-usage"] = lambda request: refused
    outcome = cursor.read_day()
    (problem,) = outcome.problems
    assert "(Missing scope). The Organization API is there for Enterprise organizations" in str(problem)
    assert '"usage:*"' in str(problem)
    assert cursor.statuses() == ["loaded"]


def test_other_errors_are_told_in_cursors_words_and_the_rest_goes_on(cursor: CursorBench) -> None:
    cursor.team.answers["/teams/spend"] = lambda request: json_response(
        {"error": "Bad Request", "message": "no such page"}, 400
    )
    outcome = cursor.read_day()
    assert [str(problem) for problem in outcome.problems] == [
        "spend latest of team/sail-makers: Cursor answered 400 no such page. Try later."
    ]
    assert cursor.statuses() == ["loaded"]


def test_settings_are_a_key_or_exports_and_a_pool_needs_both_parts(cursor: CursorBench) -> None:
    cursor.set(organization_key="crsr_x")
    with pytest.raises(ConfigurationError, match="id and its key"):
        load_settings()
    cursor.set(organization_key=None, admin_key=None)
    with pytest.raises(ConfigurationError, match=r"ADMIN_KEY \(Enterprise plan\), or SOURCES__CURSOR__EXPORT_GLOB"):
        load_settings()
    cursor.set(requests_per_minute="often")
    with pytest.raises(ConfigurationError, match="REQUESTS_PER_MINUTE"):
        load_settings()


def test_the_doctor_tries_every_report_once(cursor: CursorBench) -> None:
    cursor.team.members = [{"email": "ada@example.com"}]
    cursor.team.answers["/teams/groups"] = lambda request: json_response(
        {"error": "Forbidden", "message": "Enterprise access required"}, 403
    )
    found = {check.subject: (check.ok, check.detail, check.exit_code) for check in checks(load_settings())}
    assert found["team/sail-makers members"] == (True, "answers; 1 records on the first page", ExitCode.OK)
    ok, detail, code = found["team/sail-makers groups"]
    assert (ok, code) == (False, ExitCode.MISSING_PERMISSION)
    assert "Enterprise plan" in detail
    assert len(found) == len(ALL_READS) - 1
    assert max(Counter(path for _, path, _ in cursor.team.asked).values()) == 1


def test_neither_keys_nor_people_are_left_where_they_do_not_belong(
    cursor: CursorBench, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    cursor.set(organization_id="org_1", organization_key=ORGANIZATION_KEY)
    person: dict[str, object] = {
        "id": "user_a",
        "userId": "user_a",
        "name": "Ada Sailmaker",
        "email": "ada@example.com",
    }
    person["profilePictureUrl"] = "https://pictures.example.com/ada.png"
    cursor.team.events = [event(START, userEmail="ada@example.com", chargedCents=1, userName="Ada Sailmaker")]
    cursor.team.daily = [member_day("ada@example.com")]
    cursor.team.members, cursor.team.spend = [person], [person]
    cursor.team.groups = {"groups": [{"id": "g", "name": "Rigging", "currentMembers": [person]}]}
    cursor.team.audit = [audit("add_user", {"email": "ada@example.com", "name": "Ada Sailmaker"})]
    outcome = cursor.read_day()
    out, err = capfd.readouterr()
    said = "\n".join([out, err, caplog.text, *map(str, outcome.problems), *outcome.warnings])
    files = b"".join(
        path.read_bytes() for path in cursor.folder.rglob("*") if path.is_file() and path.suffix != ".duckdb"
    )
    for secret in (ADMIN_KEY, ORGANIZATION_KEY, KEY, "Basic "):
        assert secret not in said
        assert secret.encode() not in files
    assert "ada@example.com" not in said
    columns = cursor.rows(
        "select table_name, column_name from information_schema.columns"
        " where table_schema = 'raw_cursor' and data_type = 'VARCHAR'"
    )
    assert len(columns) > 80
    for table, column in columns:
        values = " ".join(
            str(v) for (v,) in cursor.rows(f'select distinct "{column}" from raw_cursor."{table}"')
        ).lower()
        for word in ("ada", "203.0.113", "user_a", "pictures."):
            assert word not in values, (table, column)
    in_clear = {value for (value,) in cursor.rows("select identifier from raw_restricted.identifiers")}
    assert in_clear == {"ada@example.com", "owner@example.com", "user_a"}
