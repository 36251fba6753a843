"""Published example payloads of Cursor, read by the real extractor; every total is computed again from the files.

The payloads lie outside the project and are not part of it; without them these tests are skipped.
"""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from demo.exact_json import dumps
from demo.local_server import Request, Response
from dlt_pipelines.identifiers import Pseudonymizer
from tests.dlt_pipelines.cursor_team import KEY, ORGANIZATION_KEY, CursorBench, cursor_bench
from tests.end_to_end.workbench import NO_TESTS, PROJECT, Ask, Workbench

EXAMPLES = PROJECT.parent / "shared" / "data" / "cursor"

pytestmark = [
    pytest.mark.xdist_group("cursor_examples"),
    pytest.mark.skipif(not EXAMPLES.is_dir(), reason=f"there are no example payloads in {EXAMPLES}"),
]

Json = dict[str, Any]

BUILD_DAY = date(2026, 11, 20)
EXPORT_TEAM = "exports"
NINE_DIGITS = Decimal("0.000000001")

# What each kind of the payloads is, by the documentation.
PRODUCTS = {
    **dict.fromkeys(("Usage-based", "USAGE_EVENT_KIND_USAGE_BASED", "On-Demand"), "on_demand"),
    **dict.fromkeys(("Included in Business", "USAGE_EVENT_KIND_INCLUDED_IN_BUSINESS", "Included"), "included"),
    "USAGE_EVENT_KIND_INCLUDED_IN_ULTRA": "included",
}
TOKENS = {
    "input_uncached": "inputTokens",
    "cache_read": "cacheReadTokens",
    "cache_write": "cacheWriteTokens",
    "output": "outputTokens",
}
EXPORT_TOKENS = {
    "input_uncached": "Input (w/o Cache Write)",
    "cache_read": "Cache Read",
    "cache_write": "Input (w/ Cache Write)",
    "output": "Output Tokens",
}
PATHS = {
    "events": "/teams/filtered-usage-events",
    "daily": "/teams/daily-usage-data",
    "members": "/teams/members",
    "spend": "/teams/spend",
    "groups": "/teams/groups",
    "audit": "/teams/audit-logs",
    "pool": "/organizations/pooled-usage",
}


def read(name: str) -> Any:
    return json.loads((EXAMPLES / name).read_text(encoding="utf-8"), parse_float=Decimal)


def january() -> dict[str, Any]:
    found = read("docs_2026-01_admin_all_json_blocks.json")
    names = {"events": "POST /teams/filtered-usage-events", "daily": "POST /teams/daily-usage-data"}
    names |= {"members": "GET /teams/members", "spend": "POST /teams/spend", "audit": "GET /teams/audit-logs"}
    return {name: found[endpoint] for name, endpoint in names.items()}


def payloads() -> dict[str, dict[str, Any]]:
    """Team (one for each publisher) to what its endpoints answer."""
    return {
        "docs-2026-08": {
            "events": read("docs_2026-08_filtered_usage_events.json"),
            "daily": read("docs_2026-08_daily_usage_data_paginated.json"),
            "members": read("docs_2026-08_teams_members.json"),
            "spend": read("docs_2026-08_teams_spend.json"),
            "groups": read("docs_2026-08_teams_groups.json"),
            "audit": read("docs_2026-08_teams_audit_logs.json"),
            "pool": read("docs_2026_org_pooled_usage.json"),
        },
        "docs-2026-08-machine": {"events": {"usageEvents": [read("docs_2026-08_service_account_usage_event.json")]}},
        "docs-2026-01": january(),
        "faros-2025": {
            "events": read("faros_2025_filtered_usage_events_kindLabel.json"),
            "daily": read("faros_2025_daily_usage.json"),
            "members": read("faros_2025_members.json"),
        },
        "psoxy": {
            "events": read("psoxy_filtered_usage_events.json"),
            "daily": read("psoxy_daily_usage_data.json"),
            "members": read("psoxy_team_members.json"),
        },
        "agentsview": {"events": read("agentsview_2026-08_usage_page_redacted.json")},
        "ultra": {"events": read("observed_dashboard_usage_events_ultra_2026-05.json")},
        "on-demand": {"events": {"usageEventsDisplay": [read("observed_dashboard_usage_event_ondemand_2026-08.json")]}},
    }


def events_of(served: dict[str, Any]) -> list[Json]:
    answer = served["events"]
    events: list[Json] = answer.get("usageEvents") or answer["usageEventsDisplay"]
    return events


def day_of(milliseconds: str | int) -> date:
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC).date()


def serve(bench: CursorBench, served: dict[str, Any]) -> None:
    """Answers with the payloads as they are, but for what a window takes from a list, and how many pages it has."""

    def events(request: Request) -> Response:
        asked, answer = json.loads(request.body), dict(served["events"])
        name = "usageEvents" if "usageEvents" in answer else "usageEventsDisplay"
        answer[name] = [e for e in answer[name] if asked["startDate"] <= int(e["timestamp"]) <= asked["endDate"]]
        answer["totalUsageEventsCount"] = len(answer[name])
        if "pagination" in answer:
            answer["pagination"] = {**answer["pagination"], "numPages": 1, "hasNextPage": False}
        return Response(200, dumps(answer).encode())

    def daily(request: Request) -> Response:
        asked, answer = json.loads(request.body), served["daily"]
        rows = [row for row in answer["data"] if asked["startDate"] <= row["date"] <= asked["endDate"]]
        return Response(200, dumps({**answer, "data": rows}).encode())

    def whole(answer: Any) -> Callable[[Request], Response]:
        return lambda request: Response(200, dumps(answer).encode())

    bench.team.answers = {PATHS[name]: whole(answer) for name, answer in served.items()}
    bench.team.answers[PATHS["events"]] = events
    if "daily" in served:
        bench.team.answers[PATHS["daily"]] = daily


@dataclass(frozen=True)
class Read:
    """What was served to whom, what the runs said, and the warehouse that came of it."""

    served: dict[str, dict[str, Any]]
    warnings: list[str]
    ask: Ask

    def lists(self, name: str, field: str) -> Iterator[tuple[str, Json]]:
        for team, answers in self.served.items():
            if name in answers:
                yield from ((f"team/{team}", item) for item in answers[name][field])


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Read]:
    workbench = Workbench(tmp_path_factory.mktemp("cursor_examples"))
    served, warnings = payloads(), []
    with pytest.MonkeyPatch.context() as patch, cursor_bench(workbench.folder, patch) as bench:
        for team, answers in served.items():
            bench.set(team=team)
            has_pool = "pool" in answers
            bench.set(organization_id="org_1" if has_pool else None)
            bench.set(organization_key=ORGANIZATION_KEY if has_pool else None)
            serve(bench, answers)
            days = {day_of(event["timestamp"]) for event in events_of(answers)}
            days |= {day_of(row["date"]) for row in answers.get("daily", {}).get("data", [])}
            for day in sorted(days):
                bench.today(day + timedelta(days=1))
                outcome = bench.extract(day, day)
                assert not outcome.problems, outcome.problems
                warnings += outcome.warnings
        for file in sorted(EXAMPLES.glob("csv_export_*.csv")):
            bench.set(team=f"{EXPORT_TEAM}-{file.stem}", admin_key=None, organization_id=None, organization_key=None)
            bench.set(export_glob=str(file))
            bench.today(BUILD_DAY)
            outcome = bench.extract()
            assert not outcome.problems, outcome.problems
            warnings += outcome.warnings
    wanted = ("+int_usage__cursor_credits", "+int_usage__cursor_tokens", "+int_usage__cursor_activity")
    workbench.build(BUILD_DAY, *NO_TESTS, "--select", "path:models/staging/cursor", *wanted)
    with workbench.query() as ask:
        yield Read(served, warnings, ask)


def key(email: str) -> str:
    return str(Pseudonymizer(KEY).key("email", email))


def cents(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value).quantize(NINE_DIGITS)


def test_every_event_is_loaded_with_its_cents_and_tokens_exactly(examples: Read) -> None:
    expected: Counter[tuple[Any, ...]] = Counter()
    for team, answers in examples.served.items():
        for event in events_of(answers):
            usage = event.get("tokenUsage") or {}
            expected[
                f"team/{team}",
                event["timestamp"],
                event.get("kind") or event.get("kindLabel"),
                event["model"],
                cents(event.get("chargedCents")),
                cents(usage.get("totalCents")),
                cents(event.get("cursorTokenFee")),
                cents(event.get("requestsCosts")),
                cents(usage.get("discountPercentOff")),
                *(usage.get(name) for name in TOKENS.values()),
            ] += 1
    found = examples.ask("""
        select account_id, cast(epoch_ms(event_at) as varchar), kind, model_name, charged_cents, model_cents,
            cursor_token_fee_cents, request_units, discount_percent_off,
            input_tokens, cache_read_tokens, cache_write_tokens, output_tokens
        from staging.stg_cursor__usage_events
    """)
    assert Counter(found) == expected
    assert expected.total() == 25


def test_nothing_of_the_payloads_is_unknown_but_what_the_dashboard_adds(examples: Read) -> None:
    assert [warning for warning in examples.warnings if "usageBasedCosts" not in warning] == []


def principal(event: Json) -> str:
    return event.get("serviceAccountId") or (key(event["userEmail"]) if event.get("userEmail") else "unattributed")


def test_credits_are_the_charges_by_day_principal_and_kind(examples: Read) -> None:
    groups: dict[tuple[Any, ...], list[Decimal | None]] = defaultdict(list)
    for team, answers in examples.served.items():
        for event in events_of(answers):
            product = PRODUCTS[event.get("kind") or event["kindLabel"]]
            group = (f"team/{team}", day_of(event["timestamp"]), principal(event), product)
            groups[group].append(cents(event.get("chargedCents")))
    expected = {}
    for group, charges in groups.items():
        known = [charge for charge in charges if charge is not None]
        usd = (sum(known, Decimal(0)) / 100).quantize(NINE_DIGITS) if known else None
        basis = "vendor_charge" if known else "unpriced"
        expected[group] = (usd, basis, len(charges), len(charges) - len(known))
    found = examples.ask(f"""
        select account_id, usage_date, principal_key, product, usage_value_usd, value_basis, records, unpriced_records
        from intermediate.int_usage__cursor_credits where account_id not like 'team/{EXPORT_TEAM}-%'
    """)
    assert {row[:4]: row[4:] for row in found} == expected
    # By hand: 20.18232 + 1.18 and 37.33 cents of the documentation's developer.
    documented = ("team/docs-2026-08", date(2025, 6, 26), key("developer@company.com"), "on_demand")
    assert expected[documented] == (Decimal("0.5869232"), "vendor_charge", 2, 0)


def test_the_documented_identity_holds_so_nothing_is_added_twice(examples: Read) -> None:
    for charged, model, percent, fee in examples.ask("""
        select charged_cents, model_cents, coalesce(discount_percent_off, 0), cursor_token_fee_cents
        from staging.stg_cursor__usage_events
        where cursor_token_fee_cents is not null and charged_cents is not null
    """):
        assert abs(model * (1 - percent / 100) + fee - charged) < Decimal("0.01")


def test_tokens_are_disjoint_classes_of_the_payloads(examples: Read) -> None:
    expected: Counter[tuple[Any, ...]] = Counter()
    for team, answers in examples.served.items():
        for event in events_of(answers):
            product = PRODUCTS[event.get("kind") or event["kindLabel"]]
            for token_type, name in TOKENS.items():
                if tokens := (event.get("tokenUsage") or {}).get(name):
                    expected[f"team/{team}", principal(event), product, event["model"], token_type] += tokens
    found = examples.ask(f"""
        select account_id, principal_key, product, model_name, token_type, cast(sum(tokens) as bigint)
        from intermediate.int_usage__cursor_tokens where account_id not like 'team/{EXPORT_TEAM}-%' group by all
    """)
    assert {row[:5]: row[5] for row in found} == dict(expected)


def exported() -> Iterator[tuple[str, Json]]:
    for file in sorted(EXAMPLES.glob("csv_export_*.csv")):
        with file.open(encoding="utf-8-sig", newline="") as text:
            yield from ((f"team/{EXPORT_TEAM}-{file.stem}", row) for row in csv.DictReader(text))


def test_exports_give_dollars_where_they_name_them(examples: Read) -> None:
    groups: dict[tuple[Any, ...], list[Decimal | None]] = defaultdict(list)
    for account, row in exported():
        user = row.get("User", "N/A")
        who = f"automation:{row['Automation ID']}" if row.get("Automation ID") else "unattributed"
        who = key(user) if who == "unattributed" and user != "N/A" else who
        cost = Decimal(0) if row["Cost"] == "Free" else Decimal(row["Cost"]) if row["Cost"][0].isdigit() else None
        groups[account, date.fromisoformat(row["Date"][:10]), who, PRODUCTS[row["Kind"]]].append(cost)
    expected = {}
    for group, costs in groups.items():
        known = [cost for cost in costs if cost is not None]
        usd = sum(known, Decimal(0)) if known else None
        expected[group] = (usd, len(costs), len(costs) - len(known))
    found = examples.ask(f"""
        select account_id, usage_date, principal_key, product, usage_value_usd, records, unpriced_records
        from intermediate.int_usage__cursor_credits where account_id like 'team/{EXPORT_TEAM}-%'
    """)
    assert {row[:4]: row[4:] for row in found} == expected
    assert len(expected) >= 7


def test_the_two_input_columns_of_exports_are_disjoint(examples: Read) -> None:
    expected: Counter[tuple[str, str]] = Counter()
    total = 0
    for account, row in exported():
        total += int(row["Total Tokens"] or 0)
        for token_type, column in EXPORT_TOKENS.items():
            expected[account, token_type] += int(row[column] or 0)
    found = examples.ask(f"""
        select account_id, token_type, cast(sum(tokens) as bigint) from intermediate.int_usage__cursor_tokens
        where account_id like 'team/{EXPORT_TEAM}-%' group by all
    """)
    assert {row[:2]: row[2] for row in found} == {group: tokens for group, tokens in expected.items() if tokens}
    assert sum(tokens for *_, tokens in found) == total


def test_daily_usage_is_loaded_row_by_row(examples: Read) -> None:
    names = {
        "composer_requests": "composerRequests",
        "chat_requests": "chatRequests",
        "agent_requests": "agentRequests",
        "cmdk_requests": "cmdkUsages",
        "applies": "totalApplies",
        "accepts": "totalAccepts",
        "tabs_shown": "totalTabsShown",
        "accepted_lines_added": "acceptedLinesAdded",
        "usage_based_requests": "usageBasedReqs",
        "most_used_model": "mostUsedModel",
    }
    expected = Counter(
        (account, day_of(row["date"]), key(row["email"]), row["isActive"], *(row[name] for name in names.values()))
        for account, row in examples.lists("daily", "data")
    )
    columns = ", ".join(names)
    found = examples.ask(f"""
        select account_id, usage_date, email_key, is_active, {columns} from staging.stg_cursor__daily_usage
    """)
    assert Counter(found) == expected
    assert expected.total() == 8


def newest(table: str, columns: str) -> str:
    """The newest snapshot of each team: its lists were read once a day."""
    return f"""
        select account_id, {columns} from staging.stg_cursor__{table}
        qualify snapshot_date = max(snapshot_date) over (partition by account_id)
    """


def test_lists_are_loaded_whole(examples: Read) -> None:
    members = Counter(
        (account, key(row["email"]), row["role"], row.get("isRemoved"), "id" in row)
        for account, row in examples.lists("members", "teamMembers")
    )
    found = examples.ask(newest("members", "email_key, role, is_removed, user_key is not null"))
    assert Counter(found) == members
    spend = Counter(
        (account, key(row["email"]), cents(row["spendCents"]), cents(row.get("overallSpendCents")))
        for account, row in examples.lists("spend", "teamMemberSpend")
    )
    assert Counter(examples.ask(newest("spend", "email_key, on_demand_cents, overall_cents"))) == spend
    groups = Counter(
        (account, row["id"], row["name"], row["memberCount"], cents(row["spendCents"]))
        for account, row in examples.lists("groups", "groups")
    )
    found = examples.ask(newest("billing_groups", "group_id, group_name, member_count, spend_cents"))
    assert Counter(row for row in found if row[2]) == groups
    assert [row[1:] for row in found if not row[2]] == [("group_unassigned", None, 3, Decimal(15000))]
    joined = datetime(2024, 1, 15, 10, 30)
    found = examples.ask(newest("billing_group_members", "email_key, joined_at, left_at, spend_cents"))
    assert found == [("team/docs-2026-08", key("alex@company.com"), joined, None, Decimal(12500))]


def test_the_audit_log_keeps_what_matters(examples: Read) -> None:
    # Of the four entries of the two samples, one is of a kind that is asked for.
    admin = key("admin@company.com")
    columns = "event_id, event_type, actor_email_key, subject_email_key, details"
    assert examples.ask(newest("audit_events", columns)) == [
        ("team/docs-2026-08", "evt_abc123", "add_user", admin, admin, '{"method":"manual"}')
    ]


def test_the_pool_is_loaded(examples: Read) -> None:
    columns = "limit_cents, used_cents, remaining_cents"
    assert examples.ask(newest("pools", columns)) == [
        ("team/docs-2026-08", Decimal(5000000), Decimal(1862340), Decimal(3137660))
    ]
    found = examples.ask(newest("pool_teams", "team_id, used_cents, budget_limit_cents"))
    assert Counter(found) == Counter(
        [
            ("team/docs-2026-08", "7", Decimal(1440100), Decimal(2000000)),
            ("team/docs-2026-08", "8", Decimal(422240), None),
        ]
    )


def test_no_address_of_the_payloads_is_in_clear(examples: Read) -> None:
    columns = examples.ask("""
        select table_name, column_name from information_schema.columns
        where table_schema = 'raw_cursor' and data_type = 'VARCHAR'
    """)
    for table, column in columns:
        values = " ".join(str(v) for (v,) in examples.ask(f'select distinct "{column}" from raw_cursor."{table}"'))
        assert "@" not in values, (table, column)
    assert Path(EXAMPLES / "README.md").exists()
