"""Published example payloads of Anthropic, read by the real extractor; every total is computed again from the files.

The payloads lie outside the project and are not part of it; without them these tests are skipped. Samples of the
documentation have placeholders for days and watermarks: these alone are replaced. The unified analytics, of which
nobody has published an answer, are refused here, so the older reports tell.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from demo.anthropic_faults import error
from demo.local_server import LocalServer, Request, Response, json_response
from dlt_pipelines.identifiers import Pseudonymizer
from dlt_pipelines.outcome import Outcome
from tests.end_to_end.workbench import NO_UNIT_TESTS, PROJECT, Ask, Workbench

EXAMPLES = PROJECT.parent / "shared" / "data" / "anthropic"

pytestmark = [
    pytest.mark.xdist_group("anthropic_payloads"),
    pytest.mark.skipif(not EXAMPLES.is_dir(), reason=f"there are no example payloads in {EXAMPLES}"),
]

Json = dict[str, Any]

KEY = "a pseudonym key for example payloads"
CONSOLE, ENTERPRISE = "console/example", "enterprise/example"
CONSOLE_SINCE, CONSOLE_AS_OF = date(2025, 7, 29), date(2025, 9, 10)
ENTERPRISE_SINCE, ENTERPRISE_AS_OF = date(2026, 6, 6), date(2026, 6, 9)
WATERMARK = "2026-06-08T06:00:00Z"
TOKENS = {
    "input_uncached": ("uncached_input_tokens",),
    "cache_read": ("cache_read_input_tokens",),
    "cache_write_5m": ("cache_creation", "ephemeral_5m_input_tokens"),
    "cache_write_1h": ("cache_creation", "ephemeral_1h_input_tokens"),
    "output": ("output_tokens",),
}
# This vendor's models, with what they stand on.
MODELS = (
    "path:models/staging/anthropic",
    *(f"+int_usage__anthropic_{name}" for name in ("tokens", "credits", "activity", "signals")),
    *(f"+int_identity__anthropic_{name}" for name in ("principals", "identifiers")),
)
# Reports that the extraction never asks for: invitations, the organisation itself, organisation-wide buckets.
UNASKED = {
    *("vendor_invites.json", "vendor_organization_me.json", "vendor_enterprise_usage_report.json"),
    "vendor_enterprise_cost_report.json",
}
NO_REPORTS = ("otlp_", "prices_", "live_figures_", "live_agent_sdk_")


def payload(name: str) -> Json:
    found: Json = json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"), parse_float=Decimal)
    return found


def results_by_day(name: str, *days: str) -> dict[str, list[Json]]:
    """The results of the buckets of a payload, by their day or by these days."""
    buckets = payload(name)["data"]
    named = days or tuple(bucket["starting_at"][:10] for bucket in buckets)
    return {day: bucket["results"] for day, bucket in zip(named, buckets, strict=True)}


def messages() -> dict[str, list[Json]]:
    """Results of the older usage report by day; four payloads on days of their own."""
    live = payload("live_usage_report_messages_result")
    (empty,) = payload("live_usage_report_messages_empty_bucket")["data"]
    return {
        "2025-07-29": empty["results"],
        **results_by_day("vendor_usage_report_messages"),
        "2025-08-03": [live],
        **results_by_day("fixture_codexbar_usage_report_messages", "2025-08-05", "2025-08-06"),
    }


def costs() -> dict[str, list[Json]]:
    return {
        **results_by_day("vendor_cost_report"),
        **results_by_day("fixture_codexbar_cost_report", "2025-08-05", "2025-08-06"),
    }


def code_rows() -> dict[str, list[Json]]:
    """Rows of the Claude Code report by day; a day without any has the live empty answer."""
    names = ("vendor_usage_report_claude_code", "vendor_usage_report_claude_code_guide")
    found: dict[str, list[Json]] = defaultdict(list)
    for name in (*names, "fixture_faros_claude_code_usage_report"):
        for row in payload(name)["data"]:
            found[row["date"][:10]].append(row)
    return found


def seat_rows(kind: str) -> dict[str, list[Json]]:
    """Rows of an Enterprise report by day: one day for either payload."""
    names = {
        "user_usage_report": ("vendor_enterprise_user_usage_report", "fixture_psoxy_enterprise_user_usage_report"),
        "user_cost_report": ("vendor_enterprise_user_cost_report", "fixture_psoxy_enterprise_user_cost_report"),
        "users": ("vendor_enterprise_users_activity", "fixture_psoxy_enterprise_users"),
    }
    first, second = names[kind]
    return {"2026-06-06": payload(first)["data"], "2026-06-07": payload(second)["data"]}


def spend_limits() -> list[Json]:
    names = ("vendor_spend_limits_effective", "fixture_psoxy_enterprise_spend_limits_effective")
    return [item for name in names for item in payload(name)["data"]]


LISTS = {
    "/v1/organizations/api_keys": "vendor_api_keys",
    "/v1/organizations/users": "vendor_users",
    "/v1/organizations/workspaces": "vendor_workspaces",
    "/v1/organizations/workspaces/wrkspc_01JwQvzr7rXLA5AGx3HKfFUJ/members": "vendor_workspace_members",
    "/v1/organizations/service_accounts": "vendor_service_accounts",
}


class ExampleServer(LocalServer):
    """Serves the payloads' records; every answer promises another page, which is empty, as the samples do."""

    def answer(self, request: Request) -> Response | None:
        path = request.path.removeprefix("/v1/organizations/")
        if path in ("analytics/usage", "analytics/cost"):
            return error(404, "Not found")
        if request.path in LISTS:
            return json_response(self._list(request, payload(LISTS[request.path])))
        if path == "spend_limits/effective":
            return json_response(self._page(request, spend_limits()))
        day = (request.query.get("starting_at") or request.query.get("starting_date") or request.query["date"])[:10]
        return json_response(self._dated(request, path, day))

    def _dated(self, request: Request, path: str, day: str) -> Json:
        if path == "analytics/summaries":
            (summary,) = payload("vendor_enterprise_summaries")["summaries"]
            found = [{**summary, "starting_at": f"{day}T00:00:00Z", "ending_at": f"{day}T23:59:59Z"}]
            return {"summaries": found if day == "2026-06-06" else []}
        if path == "usage_report/claude_code":
            rows = code_rows().get(day)
            return self._page(request, rows) if rows else payload("live_usage_report_claude_code_empty")
        if path in ("usage_report/messages", "cost_report"):
            known = messages() if path.endswith("messages") else costs()
            bucket = {"starting_at": f"{day}T00:00:00Z", "ending_at": "", "results": known.get(day, [])}
            return self._page(request, [bucket])
        kind = path.removeprefix("analytics/")
        watermark = {"data_refreshed_at": WATERMARK, "organization_id": "org_xyz"} if kind != "users" else {}
        return {**self._page(request, seat_rows(kind).get(day, [])), **watermark}

    @staticmethod
    def _page(request: Request, rows: list[Json]) -> Json:
        if "page" in request.query:
            return {"data": [], "has_more": False, "next_page": None}
        return {"data": rows, "has_more": True, "next_page": "page_MjAyNS0wNS0xNFQwMDowMDowMFo="}

    @staticmethod
    def _list(request: Request, found: Json) -> Json:
        if "after_id" in request.query or "page" in request.query:
            return {"data": [], "has_more": False, "first_id": None, "last_id": None}
        return found


@dataclass(frozen=True)
class Examples:
    """What the extractions said, and the warehouse that came of them."""

    outcomes: tuple[Outcome, Outcome]
    ask: Ask


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Examples]:
    bench = Workbench(tmp_path_factory.mktemp("anthropic_payloads"))
    with ExampleServer() as server:
        common = {
            "AGENT_SPEND_PSEUDONYM_KEY": KEY,
            "SOURCES__ANTHROPIC__API_URL": server.url,
            "SOURCES__ANTHROPIC__ORGANIZATION": "example",
            "SOURCES__ANTHROPIC__ENTERPRISE": "example",
            "SOURCES__ANTHROPIC__REQUESTS_PER_MINUTE": "1000000",
        }
        admin = {**common, "SOURCES__ANTHROPIC__ADMIN_KEY": "sk-ant-admin01-example"}
        analytics = {**common, "SOURCES__ANTHROPIC__ANALYTICS_KEY": "sk-ant-api01-example"}
        outcomes = (
            bench.extract(admin, CONSOLE_AS_OF, CONSOLE_SINCE, "anthropic"),
            bench.extract(analytics, ENTERPRISE_AS_OF, ENTERPRISE_SINCE, "anthropic"),
        )
    for outcome in outcomes:
        assert not outcome.problems, outcome.problems
    # Tests of the whole ledger are not for a part of the project.
    bench.build(ENTERPRISE_AS_OF, *NO_UNIT_TESTS, "--select", *MODELS, "--exclude", "test_type:singular")
    with bench.query() as ask:
        yield Examples(outcomes, ask)


def key(namespace: str, identifier: str) -> str:
    return str(Pseudonymizer(KEY).key(namespace, identifier))  # type: ignore[arg-type]


def at(item: Any, path: tuple[str, ...]) -> Any:
    for part in path:
        item = (item or {}).get(part)
    return item


def tokens_of(rows: list[Json]) -> Counter[str]:
    """Tokens by class; classes without any are left out."""
    found: Counter[str] = Counter()
    for row in rows:
        for token_type, path in TOKENS.items():
            found[token_type] += at(row, path) or 0
    return +found


def test_every_payload_is_served_or_named_as_none_of_these_endpoints() -> None:
    source = (PROJECT / "tests/end_to_end/test_anthropic_payloads.py").read_text(encoding="utf-8")
    left = {
        file.name
        for file in EXAMPLES.glob("*.json")
        if f'"{file.stem}"' not in source and file.name not in UNASKED and not file.name.startswith(NO_REPORTS)
    }
    assert left == set()


def test_no_field_of_a_payload_is_unknown(examples: Examples) -> None:
    assert [warning for outcome in examples.outcomes for warning in outcome.warnings if "unknown" in warning] == []
    assert examples.ask("select distinct unknown_fields from staging.stg_anthropic__report_loads") == [(None,)]


@pytest.mark.parametrize("account", [CONSOLE, ENTERPRISE])
def test_tokens_are_those_of_the_payloads_by_day_and_class(examples: Examples, account: str) -> None:
    served = messages() if account == CONSOLE else seat_rows("user_usage_report")
    expected = {day: tokens for day, rows in served.items() if (tokens := tokens_of(rows))}
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for day, token_type, tokens in examples.ask(
        "select usage_date, token_type, cast(sum(tokens) as bigint) from intermediate.int_usage__anthropic_tokens"
        f" where account_id = '{account}' group by all"
    ):
        found[str(day)][token_type] = tokens
    assert found == expected


def test_use_is_counted_under_key_before_user(examples: Examples) -> None:
    """The sample of the documentation has a key, a user and a service account at once; the others name nobody."""
    rows = examples.ask(
        "select distinct usage_date, principal_key from intermediate.int_usage__anthropic_tokens"
        f" where account_id = '{CONSOLE}' order by 1"
    )
    assert [(str(day), principal) for day, principal in rows] == [
        ("2025-08-01", "apikey_01Rj2N8SVvo6BePZj99NhmiT"),
        *((day, "console_no_key") for day in ("2025-08-03", "2025-08-05", "2025-08-06")),
    ]


def test_billed_amounts_are_cents(examples: Examples) -> None:
    expected = {day: sum((Decimal(row["amount"]) for row in rows), Decimal(0)) / 100 for day, rows in costs().items()}
    assert expected["2025-08-01"] == Decimal("1.2378912")
    found = examples.ask("select usage_date, sum(amount_usd) from staging.stg_anthropic__cost_report group by all")
    assert {str(day): amount for day, amount in found} == expected


def test_seat_costs_are_cents_billed_and_at_list_price(examples: Examples) -> None:
    expected = {
        day: tuple(sum((Decimal(row[name]) for row in rows), Decimal(0)) / 100 for name in ("amount", "list_amount"))
        for day, rows in seat_rows("user_cost_report").items()
    }
    assert expected["2026-06-06"] == (Decimal("412.80"), Decimal(516))
    found = examples.ask(
        "select usage_date, sum(amount_usd), sum(list_amount_usd) from staging.stg_anthropic__user_costs group by all"
    )
    assert {str(day): (billed, listed) for day, billed, listed in found} == expected


def test_claude_code_activity_is_that_of_the_payloads(examples: Examples) -> None:
    expected: dict[tuple[str, str], list[Decimal]] = {}
    for day, rows in code_rows().items():
        for row in rows:
            email = row["actor"]["email_address"]
            user = next((one["id"] for one in payload("vendor_users")["data"] if one["email"] == email), None)
            principal = key("anthropic_user", user) if user else key("email", email)
            core, tools = row["core_metrics"], row["tool_actions"].values()
            accepted = sum(tool["accepted"] for tool in tools)
            estimate = sum((Decimal(one["estimated_cost"]["amount"]) for one in row["model_breakdown"]), Decimal(0))
            expected[day, principal] = [
                *(core["num_sessions"], core["lines_of_code"]["added"], core["lines_of_code"]["removed"]),
                *(accepted, accepted + sum(tool["rejected"] for tool in tools), estimate / 100),
            ]
    found = examples.ask(
        "select usage_date, principal_key, sessions, lines_added, lines_deleted, acceptances, suggestions,"
        " vendor_estimate_usd from intermediate.int_usage__anthropic_activity"
        f" where account_id = '{CONSOLE}'"
    )
    assert {(str(day), principal): list(values) for day, principal, *values in found} == expected


def test_a_day_with_an_empty_claude_code_report_has_no_activity(examples: Examples) -> None:
    days = {str(day) for (day,) in examples.ask("select usage_date from staging.stg_anthropic__claude_code_days")}
    assert days == set(code_rows())
    (loaded,) = examples.ask(
        "select count(*) from staging.stg_anthropic__current_reports where report = 'claude-code' and record_count = 0"
    )
    assert loaded[0] > 30


def test_seat_activity_is_that_of_the_payloads(examples: Examples) -> None:
    expected = {}
    for day, rows in seat_rows("users").items():
        for row in rows:
            code = row["claude_code_metrics"]
            core = code["core_metrics"]
            others = [row[f"{name}_metrics"] for name in ("cowork", "design", "science")]
            others += list(row["office_metrics"].values())
            expected[day, key("anthropic_user", row["user"]["id"])] = (
                row["chat_metrics"]["message_count"] + sum(one["message_count"] for one in others),
                core["distinct_session_count"] + sum(one["distinct_session_count"] for one in others),
                core["lines_of_code"]["added_count"],
                core["lines_of_code"]["removed_count"],
                sum(tool["accepted_count"] for tool in code["tool_actions"].values()),
                any(value for value in leaves(row) if isinstance(value, int) and value),
            )
    found = examples.ask(
        "select usage_date, principal_key, interactions, sessions, lines_added, lines_deleted, acceptances, is_active"
        f" from intermediate.int_usage__anthropic_activity where account_id = '{ENTERPRISE}'"
    )
    assert {(str(day), principal): tuple(values) for day, principal, *values in found} == expected


def leaves(document: Any) -> Iterator[Any]:
    if isinstance(document, dict | list):
        for member in document.values() if isinstance(document, dict) else document:
            yield from leaves(member)
    else:
        yield document


def test_lists_are_those_of_the_payloads(examples: Examples) -> None:
    (api_key,) = payload("vendor_api_keys")["data"]
    assert examples.ask(
        "select api_key_id, name_key, workspace_id, acts_as_user_key, status from staging.stg_anthropic__api_keys"
    ) == [
        (
            *(api_key["id"], key("anthropic_api_key_name", api_key["name"]), api_key["workspace_id"]),
            *(key("anthropic_user", api_key["principal"]["id"]), api_key["status"]),
        )
    ]
    (user,) = payload("vendor_users")["data"]
    expected = [(key("anthropic_user", user["id"]), key("email", user["email"]), user["role"])]
    assert examples.ask("select user_key, email_key, role from staging.stg_anthropic__users") == expected
    (workspace,) = payload("vendor_workspaces")["data"]
    ((workspace_id, name, tags),) = examples.ask(
        "select workspace_id, name, tags from staging.stg_anthropic__workspaces"
    )
    assert (workspace_id, name, json.loads(tags)) == (workspace["id"], workspace["name"], workspace["tags"])
    (member,) = payload("vendor_workspace_members")["data"]
    assert examples.ask("select workspace_id, user_key from staging.stg_anthropic__workspace_members") == [
        (member["workspace_id"], key("anthropic_user", member["user_id"]))
    ]
    (account,) = payload("vendor_service_accounts")["data"]
    assert examples.ask("select service_account_id, name_key from staging.stg_anthropic__service_accounts") == [
        (account["id"], key("anthropic_api_key_name", account["name"]))
    ]


def test_spend_limits_are_those_of_the_payloads(examples: Examples) -> None:
    expected = Counter(
        (
            key("anthropic_user", limit["actor"]["user_id"]),
            None if limit["amount"] is None else Decimal(limit["amount"]) / 100,
            Decimal(limit["period_to_date_spend"]) / 100,
            limit["source"]["type"],
        )
        for limit in spend_limits()
    )
    found = examples.ask(
        "select user_key, limit_usd, period_to_date_usd, source_type from staging.stg_anthropic__spend_limits"
    )
    assert Counter(found) == expected


def test_seats_are_those_of_the_summary(examples: Examples) -> None:
    (summary,) = payload("vendor_enterprise_summaries")["summaries"]
    found = examples.ask(
        "select assigned_seat_count, pending_invite_count, daily_adoption_rate from staging.stg_anthropic__summaries"
    )
    names = ("assigned_seat_count", "pending_invite_count", "daily_adoption_rate")
    assert found == [tuple(summary[name] for name in names)]


def test_legacy_days_are_told_by_the_older_reports(examples: Examples) -> None:
    found = examples.ask(
        "select distinct account_id, authority, tokens_report, billed_report"
        " from intermediate.int_usage__anthropic_days order by 1"
    )
    assert found == [
        (CONSOLE, "legacy", "messages-usage", "cost-report"),
        (ENTERPRISE, "legacy", "user-usage", "user-cost"),
    ]


def test_no_address_of_a_payload_is_outside_raw_restricted(examples: Examples) -> None:
    columns = examples.ask(
        "select table_schema, table_name, column_name from information_schema.columns"
        " where data_type = 'VARCHAR' and table_schema in ('raw_anthropic', 'staging', 'intermediate')"
    )
    people = {value for rows in code_rows().values() for value in leaves(rows) if "@" in str(value)}
    people |= {"Jane Doe", "Jane Smith", "jane@example.com", "user_abc123", "alice@example.com"}
    for schema, table, column in columns:
        for (value,) in examples.ask(f'select distinct "{column}" from "{schema}"."{table}"'):
            assert not any(person in str(value) for person in people), (schema, table, column)
