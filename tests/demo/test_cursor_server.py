"""The server says what the model of use says, with the quirks that the reference documents."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests
from cursor_client import DAY_MS, CursorClient, ServeCursor, one_client, serve_cursor, window

from demo import constants as c
from demo import cursor_constants as cc
from demo.company import AS_OF, FIRST_AS_OF, Company
from demo.cursor_csv import write_export
from demo.cursor_events import ON_DEMAND
from demo.cursor_server import ORGANIZATION_KEY
from demo.cursor_use import CursorUse, cursor_use

__all__ = ["one_client", "serve_cursor"]

EVENTS, DAILY = "/teams/filtered-usage-events", "/teams/daily-usage-data"
DAY = date(2026, 9, 15)


@pytest.fixture(scope="module")
def use(company: Company) -> CursorUse:
    return cursor_use(company)


def test_only_basic_with_an_empty_password(client: CursorClient) -> None:
    def status(path: str, auth: tuple[str, str], method: str = "GET") -> int:
        return client.ask(method, path, {}, auth=auth).status_code

    assert status("/teams/members", (client.server.key, "")) == 200
    assert status("/teams/members", (client.server.key, "x")) == 401
    assert status("/teams/members", ("", client.server.key)) == 401
    assert status("/teams/members", (ORGANIZATION_KEY, "")) == 401
    assert status("/organizations/pooled-usage", (client.server.key, ""), "POST") == 401


def test_bearer_is_refused(client: CursorClient) -> None:
    headers = {"Authorization": f"Bearer {client.server.key}"}
    answer = requests.get(f"{client.server.url}/teams/members", headers=headers, timeout=10)
    assert answer.status_code == 401
    assert answer.json() == {"error": "Unauthorized", "message": "Invalid API key"}


def test_around_forty_members_and_fifteen_to_twenty_five_thousand_events(use: CursorUse) -> None:
    assert 38 <= len(use.members) <= 48
    assert 15_000 <= len(use.final) <= 25_000
    assert 15_000 <= len(use.first) <= 25_000


def test_members(serve: ServeCursor) -> None:
    before = {m["email"]: m for m in serve(FIRST_AS_OF).get("/teams/members")["teamMembers"]}
    after = {m["email"]: m for m in serve(AS_OF).get("/teams/members")["teamMembers"]}
    assert set(before[cc.CRON_EMAIL]) == {"id", "name", "email", "role", "isRemoved"}
    assert after[cc.LEFT_EMAIL] == {**before[cc.LEFT_EMAIL], "isRemoved": True, "role": "removed"}
    assert set(before) - set(after) == {cc.REMOVED_EMAIL}
    assert cc.MIXED_CASE_EMAIL in after
    assert {cc.SHARED_EMAIL, cc.UNKNOWN_EMAIL, *c.TWO_EMAILS} < set(after)
    assert all(m["id"].startswith("user_") for m in after.values())


def test_events_of_a_day_are_the_models(client: CursorClient, use: CursorUse) -> None:
    told = client.events(**window(DAY))
    truth = [event for event in use.final if event.day == DAY]
    assert len(told) == len(truth) > 100
    assert Counter(e["timestamp"] for e in told) == Counter(str(e.instant) for e in truth)
    assert sum(e.get("chargedCents", 0) for e in told) == sum(e.charged_cents or 0 for e in truth)
    instants = [int(event["timestamp"]) for event in told]
    assert instants == sorted(instants, reverse=True)
    assert all(isinstance(event["timestamp"], str) for event in told)


def test_pages_of_events(client: CursorClient) -> None:
    whole = client.events(**window(DAY))
    pages = client.event_pages(**window(DAY), pageSize=40)
    assert [event for page in pages for event in page["usageEvents"]] == whole
    last = pages[-1]
    assert set(last) == {"totalUsageEventsCount", "pagination", "usageEvents", "period"}
    number = -(-len(whole) // 40)
    assert last["totalUsageEventsCount"] == len(whole)
    assert last["pagination"] == {
        "numPages": number,
        "currentPage": number,
        "pageSize": 40,
        "hasNextPage": False,
        "hasPreviousPage": True,
    }
    assert client.post(EVENTS, **window(DAY))["pagination"]["pageSize"] == 100
    assert client.ask("POST", EVENTS, {"pageSize": 1001}).status_code == 400
    assert client.ask("POST", EVENTS, {"page": 0}).status_code == 400


def test_busy_day_needs_a_second_page(client: CursorClient) -> None:
    pages = client.event_pages(**window(cc.BUSY_DAY), pageSize=1000)
    assert [page["pagination"]["hasNextPage"] for page in pages] == [True, False]
    assert [page["pagination"]["hasPreviousPage"] for page in pages] == [False, True]
    assert sum(len(page["usageEvents"]) for page in pages) == pages[0]["totalUsageEventsCount"] > 1000


def test_both_bounds_belong_to_the_window(client: CursorClient) -> None:
    start = cc.midnight(cc.CURIOUS_DAY)
    last = start + DAY_MS - 1
    una = {"email": cc.CURIOUS_EMAIL}
    assert len(client.events(startDate=start, endDate=start, **una)) == 1
    assert len(client.events(startDate=last, endDate=last, **una)) == 1
    assert client.events(startDate=last + 1, endDate=last + 1, **una) == []
    assert len(client.events(startDate=start, endDate=last, **una)) == 17


def test_identical_events_come_as_often_as_they_happened(client: CursorClient) -> None:
    told = client.events(**window(cc.CURIOUS_DAY), email=cc.CURIOUS_EMAIL)
    times = Counter(tuple(sorted((k, str(v)) for k, v in event.items())) for event in told)
    assert sorted(times.values())[-2:] == [1, 3]


def test_dates_as_text_fail_for_events_only(client: CursorClient) -> None:
    text = {name: str(value) for name, value in window(DAY).items()}
    failed = client.ask("POST", EVENTS, text)
    assert failed.status_code == 500
    assert set(failed.json()) == {"error", "message"}
    assert client.post(DAILY, **text)["data"] == client.days(DAY, DAY)["data"]


def test_filters(client: CursorClient) -> None:
    everything = window(date(2026, 9, 1), date(2026, 9, 30))
    runner = client.events(**everything, serviceAccountId=cc.RUNNER_ACCOUNT[0])
    assert {e["serviceAccountName"] for e in runner} == {cc.RUNNER_ACCOUNT[1]}
    assert {e["userEmail"] for e in runner} == {cc.RUNNER_ACCOUNT[2]}
    agents = client.events(**everything, cloudAgentId="*")
    assert all(event["cloudAgentId"].startswith("bc-") for event in agents)
    assert {e["automationId"] for e in client.events(**everything, automationId="*")} == {cc.AUTOMATION_ID}
    one = client.events(**everything, cloudAgentId=agents[0]["cloudAgentId"])
    assert one == [agents[0]]
    number = client.days(DAY, DAY)["data"][0]
    mine = client.events(**everything, userId=number["userId"])
    assert {event["userEmail"] for event in mine} == {number["email"]}
    assert client.ask("POST", EVENTS, {"hostingType": "MOON"}).status_code == 400


def test_absent_fields_are_absent(client: CursorClient) -> None:
    told = client.events(**window(cc.CURIOUS_DAY), email=cc.CURIOUS_EMAIL)
    assert {event.get("tokenUsage", "absent") is None for event in told} == {True, False}
    assert any(event.get("tokenUsage") == {} and event.get("chargedCents") for event in told)
    assert any("chargedCents" not in event and event["kind"] in ON_DEMAND for event in told)
    assert any("tokenUsage" not in event for event in told)
    assert any("totalCents" not in (event.get("tokenUsage") or {"totalCents": 0}) for event in told)
    big = next(event for event in told if event["model"] == "Premium (Codex 5.3)")
    assert big["tokenUsage"]["totalCents"] == Decimal("70.82691192626953")


def test_fields_that_came_later(client: CursorClient) -> None:
    old = client.events(**window(cc.NEW_FIELDS_FROM - timedelta(days=1)))
    new = client.events(**window(cc.NEW_FIELDS_FROM))
    assert all("isFreeBugbot" in e and not {"isHeadless", "isChargeable"} & set(e) for e in old)
    assert all("isFreeBugbot" not in e and {"isHeadless", "isChargeable"} <= set(e) for e in new)


def test_open_day_has_only_its_first_hours(serve: ServeCursor, use: CursorUse) -> None:
    early = serve(DAY)
    told = early.events(**window(DAY))
    assert max(int(event["timestamp"]) for event in told) < cc.milliseconds(cc.now(DAY))
    assert 0 < len(told) < len([event for event in use.final if event.day == DAY])
    assert early.events(**window(DAY + timedelta(days=1))) == []
    early.server.as_of = DAY + timedelta(days=1)
    assert len(early.events(**window(DAY))) == len([event for event in use.first if event.day == DAY])


def test_restated_cycle(serve: ServeCursor) -> None:
    before, after = (
        serve(day).events(**window(cc.CYCLE_START.date(), date(2026, 10, 16))) for day in (FIRST_AS_OF, AS_OF)
    )

    def identity(event: dict[str, Any]) -> tuple[Any, ...]:
        return event["timestamp"], event["model"], event.get("conversationId"), event["kind"]

    cents = [{identity(e): e.get("chargedCents") for e in events} for events in (before, after)]
    both = set(cents[0]) & set(cents[1])
    changes = [cents[1][key] - cents[0][key] for key in both if cents[0][key] is not None]
    assert sum(change < 0 for change in changes) > 200
    assert sum(change > 0 for change in changes) > 100
    assert len(set(cents[0]) - both) > 40
    assert len(set(cents[1]) - both) > 40
    start = cc.milliseconds(cc.CYCLE_START)
    assert all(int(key[0]) >= start for key in set(cents[0]) ^ set(cents[1]))
    assert cents[0][str(start - 1), "default", None, "Usage-based"] == Decimal("101.5")


def test_removed_users_events_lose_their_email(serve: ServeCursor) -> None:
    days = window(cc.REMOVED_FIRST_DAY, cc.REMOVED_LAST_USE)
    before, after = serve(FIRST_AS_OF), serve(AS_OF)
    assert len(before.events(**days, email=cc.REMOVED_EMAIL)) > 50
    assert after.events(**days, email=cc.REMOVED_EMAIL) == []
    assert all("userEmail" in event for event in before.events(**days))
    assert sum("userEmail" not in event for event in after.events(**days)) > 50
    listed = after.days(cc.REMOVED_LAST_USE, cc.REMOVED_LAST_USE, page=1)["data"]
    assert cc.REMOVED_EMAIL in {row["email"] for row in listed}


def test_daily_usage_without_pages_has_active_users_only(client: CursorClient, use: CursorUse) -> None:
    answer = client.days(DAY, DAY)
    assert set(answer) == {"data", "period"}
    active = {m.address for m in use.members if (d := use.member_day(m, DAY, AS_OF)) and d.is_active}
    assert {row["email"] for row in answer["data"]} == active
    assert {row["isActive"] for row in answer["data"]} == {True}


def test_daily_usage_pages_count_users_not_rows(client: CursorClient, use: CursorUse) -> None:
    first, last = date(2026, 9, 1), date(2026, 9, 30)
    pages, number = [], 1
    while not pages or pages[-1]["pagination"]["hasNextPage"]:
        pages.append(client.days(first, last, page=number, pageSize=10))
        number += 1
    rows = [row for page in pages for row in page["data"]]
    assert pages[0]["pagination"]["totalUsers"] == len(use.members)
    assert len(pages[0]["data"]) > 10
    assert len(pages) == pages[0]["pagination"]["totalPages"] == -(-len(use.members) // 10)
    keys = {(row["email"], row["day"]) for row in rows}
    assert len(keys) == len(rows)
    members = sum(m.is_member_on(first + timedelta(days=n)) for n in range(30) for m in use.members)
    assert len(rows) == members
    idle = [row for row in rows if row["email"] == cc.IDLE_EMAIL]
    assert len(idle) == 30
    assert not any(row["isActive"] or row["agentRequests"] for row in idle)
    assert {row["date"] for row in rows if row["day"] == "2026-09-01"} == {cc.midnight(first)}


def test_daily_usage_takes_thirty_days(client: CursorClient) -> None:
    first = date(2026, 9, 1)
    assert client.ask("POST", DAILY, window(first, first + timedelta(days=29))).status_code == 200
    assert client.ask("POST", DAILY, window(first, first + timedelta(days=30))).status_code == 400
    assert client.ask("POST", DAILY, {"startDate": cc.midnight(first)}).status_code == 400


def test_daily_usage_counts_the_events(client: CursorClient) -> None:
    rows = {row["email"]: row for row in client.days(DAY, DAY)["data"]}
    told = Counter(e["userEmail"] for e in client.events(**window(DAY)) if "serviceAccountId" not in e)
    for email, number in told.items():
        row = rows[email]
        assert row["composerRequests"] + row["chatRequests"] + row["agentRequests"] == number


def test_spend_is_the_running_cycle(client: CursorClient) -> None:
    pages = [client.post("/teams/spend", page=number, pageSize=20) for number in (1, 2, 3)]
    assert set(pages[0]) == {"teamMemberSpend", "subscriptionCycleStart", "totalMembers", "totalPages"}
    assert pages[0]["subscriptionCycleStart"] == cc.milliseconds(datetime(2026, 9, 27, 12, 8, 4, tzinfo=UTC))
    listed = [row for page in pages for row in page["teamMemberSpend"]]
    assert pages[0]["totalPages"] == 3
    assert len(listed) == pages[0]["totalMembers"]
    events = client.events(startDate=pages[0]["subscriptionCycleStart"])
    mine = [e for e in events if e.get("userEmail") == cc.MOVED_EMAIL and "serviceAccountId" not in e]
    row = next(row for row in listed if row["email"] == cc.MOVED_EMAIL)
    assert row["overallSpendCents"] == sum(e.get("chargedCents", 0) for e in mine)
    assert row["spendCents"] == sum(e.get("chargedCents", 0) for e in mine if e["kind"] in ON_DEMAND)


def test_spend_before_the_cycle_belongs_to_the_last_one(serve: ServeCursor) -> None:
    answer = serve(date(2026, 9, 27)).post("/teams/spend")
    assert answer["subscriptionCycleStart"] == cc.milliseconds(datetime(2026, 8, 27, 12, 8, 4, tzinfo=UTC))


def test_groups(client: CursorClient) -> None:
    answer = client.get("/teams/groups")
    assert answer["billingCycle"] == {
        "cycleStart": "2026-09-27T12:08:04.000Z",
        "cycleEnd": "2026-10-27T12:08:04.000Z",
    }
    groups = {group["name"]: group for group in answer["groups"]}
    former = groups[cc.DESIGN_GROUP]["formerMembers"]
    assert [(m["email"], m["joinedAt"], m["leftAt"]) for m in former] == [
        (cc.GROUP_MOVER_EMAIL, "2026-06-21T00:00:00.000Z", "2026-08-16T00:00:00.000Z")
    ]
    crew = {m["email"]: m["joinedAt"] for m in groups[cc.CONTRACT_GROUP]["currentMembers"]}
    assert crew == {
        cc.SHARED_EMAIL: "2026-06-21T00:00:00.000Z",
        cc.GROUP_MOVER_EMAIL: "2026-08-16T00:00:00.000Z",
    }
    assert [m["email"] for m in groups[cc.ENGINEERING_GROUP]["formerMembers"]] == [cc.LEFT_EMAIL]
    total = sum(group["spendCents"] for group in groups.values()) + answer["unassignedGroup"]["spendCents"]
    events = client.events(startDate=cc.milliseconds(cc.CYCLE_START))
    assert total == sum(event.get("chargedCents", 0) for event in events)
    earlier = client.get("/teams/groups", billingCycle="2026-08-20")
    assert earlier["billingCycle"]["cycleStart"] == "2026-07-27T12:08:04.000Z"


def test_audit_log(client: CursorClient) -> None:
    week = client.get("/teams/audit-logs")
    assert set(week) == {"events", "pagination", "params"}
    removed = [e for e in week["events"] if e["event_type"] == "remove_user"]
    assert [e["event_data"]["email"] for e in removed] == [cc.REMOVED_EMAIL]
    start, end = "2026-06-21", "2026-07-20T00:00:00Z"
    pages = [client.get("/teams/audit-logs", startTime=start, endTime=end, page=n, pageSize=20) for n in (1, 2, 3)]
    joined = [e for page in pages for e in page["events"] if e["event_type"] == "add_user"]
    assert len({e["event_data"]["email"] for e in joined}) == 44
    assert pages[2]["pagination"]["hasNextPage"] is False
    assert client.ask("GET", "/teams/audit-logs", startTime="31d").status_code == 400
    assert client.ask("GET", "/teams/audit-logs", startTime="30d").status_code == 200


def test_pool(client: CursorClient, use: CursorUse) -> None:
    organization = {"organizationId": cc.ORGANIZATION_ID}
    answer = client.ask("POST", "/organizations/pooled-usage", organization, auth=(ORGANIZATION_KEY, "")).json()
    assert answer["pool"]["limitCents"] == cc.POOL_LIMIT_CENTS
    used = sum(event.charged_cents or 0 for event in use.final)
    assert answer["teams"] == [{"teamId": cc.TEAM_ID, "usedCents": pytest.approx(float(used))}]
    assert answer["pool"]["usedCents"] + answer["pool"]["remainingCents"] == pytest.approx(cc.POOL_LIMIT_CENTS)


def test_writes_are_remembered(serve: ServeCursor) -> None:
    client = serve()
    client.events(**window(DAY))
    client.get("/teams/groups")
    assert client.server.writes == []
    for method, path in (
        ("POST", "/teams/user-spend-limit"),
        ("POST", "/teams/remove-member"),
        ("PATCH", "/teams/groups/group_x"),
        ("DELETE", "/teams/groups/group_x"),
        ("POST", "/settings/repo-blocklists/repos/upsert"),
    ):
        assert client.ask(method, path, {}).status_code == 200
    assert len(client.server.writes) == 5


def test_unknown_paths_and_bodies(client: CursorClient) -> None:
    assert client.ask("GET", "/v1/agents").status_code == 404
    assert client.ask("POST", "/teams/spend", [1]).status_code == 400


def test_requests_are_recorded(serve: ServeCursor) -> None:
    client = serve()
    client.events(**window(DAY))
    (record,) = client.server.requests
    assert (record.method, record.path, record.status) == ("POST", EVENTS, 200)
    assert b"startDate" in record.body


def test_export(company: Company, client: CursorClient, tmp_path: Path) -> None:
    path = write_export(company, tmp_path / "usage.csv", AS_OF, cc.CURIOUS_DAY, cc.CURIOUS_DAY)
    assert path.read_text().splitlines()[0] == (
        "Date,User,Cloud Agent ID,Automation ID,Kind,Model,Max Mode,Input (w/ Cache Write),"
        "Input (w/o Cache Write),Cache Read,Output Tokens,Total Tokens,Cost"
    )
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    told = client.events(**window(cc.CURIOUS_DAY))
    assert len(rows) == len(told)
    assert rows[0]["Date"] == "2026-08-19T23:59:59.999Z"
    for row, event in zip(rows, told, strict=True):
        usage = event.get("tokenUsage") or {}
        assert (row["Total Tokens"] == "") == ("inputTokens" not in usage)
        assert row["Model"] == ("auto" if event["model"] == "default" else event["model"])
        if usage.get("inputTokens") is not None:
            assert row["Input (w/ Cache Write)"] == str(usage["cacheWriteTokens"])
            assert row["Input (w/o Cache Write)"] == str(usage["inputTokens"])
    mine = [row for row in rows if row["User"] == cc.CURIOUS_EMAIL]
    assert {"NaN", "Free", "-", "Included"} <= {row["Cost"] for row in mine}
    assert {row["Kind"] for row in mine} == {"Included", "On-Demand", "Errored, No Charge", "Free", "User API Key"}
