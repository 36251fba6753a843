"""Cursor's API as documented, against a team that a test makes up: windows of usage events, activity and lists."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from demo.local_server import Request, Response, json_response
from dlt_pipelines.errors import ExitCode, RequestFailed
from tests.dlt_pipelines.cursor_team import (
    DAY,
    EVENTS_PATH,
    LAST_MILLISECOND,
    ONE_DAY,
    ORGANIZATION_KEY,
    START,
    TODAY,
    CursorBench,
    audit,
    event,
    member_day,
    one_team,
)
from tests.dlt_pipelines.pseudonyms import key

__all__ = ["one_team"]


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
