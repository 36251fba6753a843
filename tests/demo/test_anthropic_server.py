"""The server speaks Anthropic's Admin and Analytics APIs with their quirks."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests

from demo import anthropic_directory as d
from demo import constants as c
from demo.anthropic_faults import AnthropicFaults
from demo.anthropic_habits import claude_use
from demo.anthropic_server import ADMIN_KEY, ANALYTICS_KEY, OAUTH_TOKEN, AnthropicServer, settings
from demo.anthropic_truth import credits, tokens  # noqa: A004
from demo.company import AS_OF, FIRST_AS_OF, Company

Json = dict[str, Any]
Query = list[tuple[str, object]]
DAY = date(2026, 10, 14)
BETA = "analytics-usage-cost-2026-08-24"
# Of the reference, section by section.
PAGE = {"data", "has_more", "next_page", "data_refreshed_at"}
GROUP = {
    *("actor", "actor_type", "api_key_id", "workspace_id", "organization_id", "product", "model", "service_tier"),
    *("context_window", "inference_geo", "speed", "rbac_group_id", "agent_id", "deployment_id", "environment_id"),
    *("session_id", "slack_channel_id", "claude_tag_user_id", "claude_tag_category", "user_profile_id"),
}
USAGE = {
    *("uncached_input_tokens", "cache_read_input_tokens", "output_tokens", "cache_creation", "total_tokens"),
    *("requests", "server_tool_use"),
}
COST = {"amount", "list_amount", "currency", "requests"}
CACHE = {"ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"}
MESSAGES = {
    *("uncached_input_tokens", "cache_creation", "cache_read_input_tokens", "output_tokens", "server_tool_use"),
    *("account_id", "api_key_id", "service_account_id", "workspace_id", "model", "service_tier", "context_window"),
    "inference_geo",
}
COST_REPORT = {
    *("amount", "currency", "description", "cost_type", "model", "token_type", "service_tier", "context_window"),
    *("inference_geo", "workspace_id"),
}
CLAUDE_CODE = {
    *("date", "actor", "organization_id", "customer_type", "subscription_type", "terminal_type", "is_remote"),
    *("core_metrics", "tool_actions", "model_breakdown"),
}
SEAT = {
    *("actor", "requests", "starting_at", "ending_at", "context_window", "inference_geo", "model", "product"),
    *("rbac_group_id", "slack_channel_id", "speed"),
}
ALL_MESSAGES_DIMENSIONS = (
    *("account_id", "api_key_id", "context_window", "inference_geo", "model", "service_account_id"),
    *("service_tier", "workspace_id"),
)
SPEND = ("actor", "model", "product", "workspace_id", "api_key_id", "cost_type", "token_type")


@dataclass
class Client:
    """A client without manners: no retries, no waiting."""

    server: AnthropicServer
    key: str = ADMIN_KEY

    def get(self, path: str, *query: tuple[str, object], headers: dict[str, str] | None = None) -> requests.Response:
        session = requests.Session()
        session.trust_env = False
        sent = {"x-api-key": self.key, "anthropic-version": "2023-06-01", "anthropic-beta": BETA}
        url = f"{self.server.url}/v1/organizations/{path}"
        parameters = [(name, str(value)) for name, value in query]
        return session.get(url, params=parameters, headers=sent if headers is None else headers, timeout=10)

    def pages(self, path: str, *query: tuple[str, object]) -> list[Json]:
        answers: list[Json] = [self.read(path, *query)]
        while answers[-1]["next_page"]:
            answers.append(self.read(path, *query, ("page", answers[-1]["next_page"])))
        return answers

    def rows(self, path: str, *query: tuple[str, object]) -> list[Json]:
        return [row for page in self.pages(path, *query) for row in page["data"]]

    def read(self, path: str, *query: tuple[str, object]) -> Json:
        answer = self.get(path, *query)
        assert answer.status_code == 200, answer.text
        body: Json = json.loads(answer.text, parse_float=Decimal)
        return body

    def refusal(self, path: str, *query: tuple[str, object], headers: dict[str, str] | None = None) -> tuple[int, str]:
        answer = self.get(path, *query, headers=headers)
        body = answer.json()
        assert set(body) == {"type", "error", "request_id"}
        assert body["type"] == "error"
        return answer.status_code, body["error"]["message"]

    def seats(self) -> Client:
        return Client(self.server, ANALYTICS_KEY)


Serve = Callable[..., Client]


@pytest.fixture
def serve(company: Company) -> Iterator[Serve]:
    with ExitStack() as stack:

        def start(as_of: date = AS_OF, **faults: Any) -> Client:
            server = stack.enter_context(AnthropicServer(company, as_of=as_of, faults=AnthropicFaults(**faults)))
            return Client(server)

        yield start


@pytest.fixture(scope="module")
def client(company: Company) -> Iterator[Client]:
    with AnthropicServer(company) as server:
        yield Client(server)


def span(first: date, last: date | None = None) -> Query:
    end = (last or first) + timedelta(1)
    return [("starting_at", f"{first}T00:00:00Z"), ("ending_at", f"{end}T00:00:00Z")]


def daily(first: date, *groups: str, last: date | None = None) -> Query:
    return [*span(first, last), ("time_bucket_width", "1d"), *(("group_by[]", name) for name in groups)]


def principal(group: Json) -> str:
    """The principal's identifier by the rule: key, service account, federated identity, user."""
    actor = group["actor"] or {}
    if group["api_key_id"]:
        return str(group["api_key_id"])
    if actor.get("type") == "federated_actor":
        return f"{actor['provider']}/{actor['subject']}"
    known = actor.get("service_account_id") or actor.get("user_id")
    return str(known or ("console_no_key" if group["product"] == "claude_console" else "unattributed"))


# Credentials and headers


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"anthropic-version": "2023-06-01"}, 401),
        ({"x-api-key": "sk-ant-admin01-other", "anthropic-version": "2023-06-01"}, 401),
        ({"x-api-key": ADMIN_KEY}, 400),
    ],
)
def test_headers(client: Client, headers: dict[str, str], status: int) -> None:
    assert client.refusal("me", headers=headers)[0] == status


@pytest.mark.parametrize("path", ["analytics/usage", "analytics/cost"])
def test_beta_header(client: Client, path: str) -> None:
    headers = {"x-api-key": ADMIN_KEY, "anthropic-version": "2023-06-01"}
    status, message = client.refusal(path, *daily(DAY), headers=headers)
    assert (status, BETA in message) == (400, True)


@pytest.mark.parametrize(
    "path",
    ["analytics/users", "analytics/summaries", "analytics/user_usage_report", "analytics/user_cost_report"],
)
def test_enterprise_reports_are_forbidden_to_an_admin_key(client: Client, path: str) -> None:
    status, message = client.refusal(path)
    assert (status, "Enterprise" in message) == (403, True)


@pytest.mark.parametrize("path", ["me", "users", "api_keys", "workspaces", "usage_report/messages", "cost_report"])
def test_console_reports_are_forbidden_to_an_analytics_key(client: Client, path: str) -> None:
    assert client.seats().refusal(path)[0] == 403


def test_service_accounts_need_oauth(client: Client) -> None:
    assert client.refusal("service_accounts")[0] == 403
    headers = {"authorization": f"Bearer {OAUTH_TOKEN}", "anthropic-version": "2023-06-01"}
    account = client.get("service_accounts", headers=headers).json()["data"][0]
    assert account["id"] == d.SERVICE_ACCOUNT_ID
    assert {"name", "description", "organization_role", "created_at", "updated_at", "archived_at"} < set(account)


def test_unknown_path_and_parameter(client: Client) -> None:
    assert client.refusal("nothing")[0] == 404
    assert client.refusal("users", ("limits", 3))[0] == 400
    assert client.get("users", ("beta", "true")).status_code == 200


# analytics/usage and analytics/cost


def test_analytics_shapes(client: Client) -> None:
    page = client.read("analytics/usage", *daily(DAY, "actor", "model"))
    assert set(page) == PAGE
    for row in page["data"]:
        assert set(row) == {"starting_at", "ending_at", "group", "usage"}
        assert (row["starting_at"], row["ending_at"]) == ("2026-10-14T00:00:00Z", "2026-10-15T00:00:00Z")
        assert set(row["group"]) == GROUP
        assert {name for name, value in row["group"].items() if value is not None} <= {"actor", "model"}
        assert set(row["usage"]) == USAGE
        assert set(row["usage"]["cache_creation"]) == CACHE
        assert set(row["usage"]["server_tool_use"]) == {"web_search_requests"}
    for row in client.rows("analytics/cost", *daily(DAY, *SPEND)):
        assert set(row) == {"starting_at", "ending_at", "group", "cost"}
        assert set(row["group"]) == GROUP | {"cost_type", "token_type"}
        assert set(row["cost"]) == COST
        assert row["cost"]["requests"] is None
        assert (row["group"]["token_type"] is None) == (row["group"]["cost_type"] != "tokens")


def test_actors(client: Client) -> None:
    month = daily(date(2026, 9, 18), "actor", last=DAY)
    actors = [row["group"]["actor"] for row in client.rows("analytics/usage", *month, ("limit", 1000))]
    shapes = {actor["type"]: set(actor) for actor in actors if actor}
    assert shapes == {
        "user_actor": {"type", "user_id", "email_address", "name", "deleted"},
        "service_account_actor": {"type", "service_account_id"},
        "api_actor": {"type", "api_key_id"},
        "federated_actor": {"type", "provider", "subject"},
    }


def test_actor_of_a_key_that_acts_as_a_user_is_the_user(client: Client) -> None:
    query = daily(date(2026, 9, 18), "actor", "api_key_id", last=DAY)
    groups = [row["group"] for row in client.rows("analytics/cost", *query, ("api_key_ids[]", d.NOTEBOOK_KEY.id))]
    assert {group["actor"]["type"] for group in groups} == {"user_actor"}
    assert {group["api_key_id"] for group in groups} == {d.NOTEBOOK_KEY.id}


def test_identities_that_cannot_be_shown_are_rows_of_their_own(client: Client, company: Company) -> None:
    found = claude_use(company).final
    day = next(day for day in c.DAYS if len({u.caller.hidden for u in found[day].uses if u.account == d.CONSOLE}) == 3)
    hidden = [row for row in client.rows("analytics/usage", *daily(day, "actor")) if row["group"]["actor"] is None]
    assert len(hidden) >= 2


def test_cost_equals_truth(client: Client, company: Company) -> None:
    """Every month of both accounts, from decimal strings of cents to the ledger's rows."""
    told: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    records: dict[tuple[Any, ...], int] = defaultdict(int)
    for account, reader in ((d.CONSOLE, client), (d.ENTERPRISE, client.seats())):
        for first in c.DAYS[::30]:
            last = min(first + timedelta(29), c.LAST_DAY)
            for row in reader.rows("analytics/cost", *daily(first, *SPEND, last=last), ("limit", 1000)):
                group, day = row["group"], date.fromisoformat(row["starting_at"][:10])
                key = (day, account, group["product"] or "other", principal(group))
                told[key] += Decimal(row["cost"]["list_amount"]) / 100
                records[key] += 1
    rows = credits(company, AS_OF)
    assert told == {(r.usage_date, r.account_id, r.product, r.principal.identifier): r.credits for r in rows}
    assert records == {(r.usage_date, r.account_id, r.product, r.principal.identifier): r.records for r in rows}


@pytest.mark.parametrize("as_of", [FIRST_AS_OF, AS_OF])
def test_usage_equals_truth(serve: Serve, company: Company, as_of: date) -> None:
    told: dict[tuple[Any, ...], int] = defaultdict(int)
    client = serve(as_of)
    first = date(2026, 9, 20)
    for account, reader in ((d.CONSOLE, client), (d.ENTERPRISE, client.seats())):
        query = daily(first, "actor", "product", "api_key_id", last=as_of - timedelta(1))
        for row in reader.rows("analytics/usage", *query, ("limit", 1000)):
            group, day = row["group"], date.fromisoformat(row["starting_at"][:10])
            told[day, account, group["product"] or "other", principal(group)] += row["usage"]["total_tokens"]
    expected: dict[tuple[Any, ...], int] = defaultdict(int)
    for truth in tokens(company, as_of):
        if truth.usage_date >= first:
            expected[truth.usage_date, truth.account_id, truth.product, truth.principal.identifier] += truth.tokens
    assert {key: number for key, number in told.items() if number} == expected


@pytest.mark.parametrize(("day", "paid"), [(date(2026, 9, 15), 90), (date(2026, 9, 16), 85), (DAY, 85)])
def test_discount(client: Client, day: date, paid: int) -> None:
    """A tenth off list, and from the 16th of September on fifteen percent."""
    found = client.rows("analytics/cost", *daily(day, *SPEND))
    assert found
    for row in found:
        assert Decimal(row["cost"]["amount"]) * 100 == Decimal(row["cost"]["list_amount"]) * paid


def test_amounts_are_text(client: Client) -> None:
    amounts = [row["cost"]["list_amount"] for row in client.rows("analytics/cost", *daily(DAY, *SPEND))]
    assert all(isinstance(amount, str) for amount in amounts)
    assert any("." in amount for amount in amounts)


def test_grouping_does_not_change_the_total(client: Client) -> None:
    ungrouped = client.read("analytics/cost", *span(DAY))["data"]
    assert len(ungrouped) == 1
    total = Decimal(ungrouped[0]["cost"]["list_amount"])
    assert ungrouped[0]["cost"]["requests"] > 0
    for groups in (("cost_type",), ("actor",), ("model", "service_tier", "inference_geo"), SPEND):
        rows = client.rows("analytics/cost", *daily(DAY, *groups))
        assert sum(Decimal(row["cost"]["list_amount"]) for row in rows) == total


def test_costs_without_model(client: Client) -> None:
    rows = client.rows("analytics/cost", *daily(date(2026, 9, 20), *SPEND, last=DAY), ("limit", 1000))
    kinds = {row["group"]["cost_type"] for row in rows if row["group"]["model"] is None}
    assert kinds == {"web_search", "code_execution", "session_usage"}
    assert {row["group"]["product"] for row in rows if row["group"]["cost_type"] == "code_execution"} == {None}


def test_default_workspace_has_its_real_id(client: Client) -> None:
    rows = client.rows("analytics/usage", *daily(date(2026, 9, 20), "workspace_id", last=DAY))
    ids = {row["group"]["workspace_id"] for row in rows}
    assert d.DEFAULT.id in ids
    assert None not in ids
    enterprise = client.seats().rows("analytics/usage", *daily(DAY, "workspace_id", "service_tier", "api_key_id"))
    assert {(row["group"]["workspace_id"], row["group"]["service_tier"]) for row in enterprise} == {(None, None)}


@pytest.mark.parametrize(
    "query",
    [
        daily(DAY, "actor", "model", "product", "workspace_id", "api_key_id", "speed"),
        [("starting_at", f"{DAY}T00:00:00Z"), ("time_bucket_width", "1d")],
        span(date(2026, 8, 1), date(2026, 9, 1)),
        span(date(2025, 12, 31)),
        [("starting_at", f"{DAY}T00:00:00"), ("ending_at", f"{DAY}T10:00:00Z")],
        [("ending_at", f"{DAY}T10:00:00Z")],
        [*daily(DAY), ("limit", 1001)],
        [*daily(DAY), ("exclude_deleted_users", "true")],
        [*daily(DAY, "claude_tag_user_id", "rbac_group_id")],
        [*span(DAY, date(2026, 10, 15)), ("time_bucket_width", "1m")],
        [*daily(DAY), ("group_by", "model")],
        daily(DAY, "cost_type", "user"),
    ],
)
def test_refused_queries(client: Client, query: Query) -> None:
    assert client.refusal("analytics/cost", *query)[0] == 400


def test_history_is_at_most_a_year(serve: Serve) -> None:
    client = serve(date(2027, 3, 1))
    assert client.refusal("analytics/usage", *daily(date(2026, 2, 28)))[0] == 400
    assert client.get("analytics/usage", *daily(date(2026, 3, 2))).status_code == 200


def test_limit_counts_rows_before_the_fan_out(client: Client) -> None:
    pages = client.pages("analytics/cost", *daily(DAY, "actor", "model", "cost_type", "token_type"), ("limit", 2))
    assert len(pages) > 2
    assert len(pages[0]["data"]) > 2
    assert len(client.pages("analytics/usage", *daily(date(2026, 9, 20), "actor", last=DAY))[0]["data"]) == 20


def test_order(client: Client) -> None:
    def days(*query: tuple[str, object]) -> list[str]:
        rows = client.rows("analytics/usage", *daily(date(2026, 10, 5), "model", last=DAY), *query)
        return [row["starting_at"] for row in rows]

    newest_first = days(("order_by", "time"))
    assert newest_first == sorted(newest_first, reverse=True)
    assert days(("order_by", "time"), ("order", "asc")) == sorted(newest_first)
    totals = [row["usage"]["total_tokens"] for row in client.rows("analytics/usage", *daily(DAY, "model"))]
    assert totals == sorted(totals, reverse=True)


@pytest.mark.parametrize(
    ("parameter", "value", "dimension", "shown"),
    [
        ("inference_geos[]", "us", "inference_geo", {"us"}),
        ("inference_geos[]", "not_available", "inference_geo", {None}),
        ("service_tiers[]", "batch", "service_tier", {"batch"}),
        ("products[]", "claude_code", "product", {"claude_code"}),
        ("workspace_ids[]", d.DEFAULT.id, "workspace_id", {d.DEFAULT.id}),
        ("api_key_ids[]", "", "api_key_id", {None}),
        ("actor_types[]", "federated_actor", "actor_type", {"federated_actor"}),
        ("session_ids[]", "sesn_1", "session_id", set()),
    ],
)
def test_filters(client: Client, parameter: str, value: str, dimension: str, shown: set[str | None]) -> None:
    rows = client.rows("analytics/usage", *daily(date(2026, 9, 20), dimension, last=DAY), (parameter, value))
    assert {row["group"][dimension] for row in rows} == shown


def test_deleted_users(client: Client) -> None:
    query = daily(date(2026, 8, 20), "actor", last=date(2026, 9, 15))
    rows = client.seats().rows("analytics/usage", *query, ("limit", 1000))
    gone = [row["group"]["actor"] for row in rows if row["group"]["actor"] and row["group"]["actor"]["deleted"]]
    assert {(actor["name"], actor["email_address"]) for actor in gone} == {
        ("Deleted User", None),
        ("Lena Gone", "lena.gone@example.com"),
    }
    kept = client.seats().rows("analytics/usage", *query, ("limit", 1000), ("exclude_deleted_users", "true"))
    assert len(kept) == len(rows) - len(gone)


def test_page_is_bound_to_parameters(client: Client) -> None:
    query = daily(date(2026, 9, 20), "actor", last=DAY)
    cursor = ("page", client.read("analytics/usage", *query)["next_page"])
    assert client.get("analytics/usage", *query, cursor).status_code == 200
    assert client.refusal("analytics/usage", *query, ("limit", 30), cursor)[0] == 400
    assert client.refusal("analytics/cost", *query, cursor)[0] == 400
    assert client.refusal("analytics/usage", *query, ("page", "page_nonsense"))[0] == 400


def test_page_ends_when_data_are_refreshed(serve: Serve) -> None:
    client = serve(FIRST_AS_OF)
    query = daily(date(2026, 9, 20), "actor", last=DAY)
    page = client.read("analytics/usage", *query)
    client.server.as_of = AS_OF
    assert client.refusal("analytics/usage", *query, ("page", page["next_page"]))[0] == 410
    assert page["data_refreshed_at"] == "2026-10-17T08:00:00Z"
    assert client.read("analytics/usage", *query)["data_refreshed_at"] == "2026-10-20T08:00:00Z"


def test_today_so_far(serve: Serve) -> None:
    client = serve(FIRST_AS_OF)
    later = serve(AS_OF)

    def requests_of(reader: Client) -> int:
        rows = reader.rows("analytics/usage", *daily(date(2026, 10, 17)))
        return sum(row["usage"]["requests"] for row in rows)

    assert requests_of(client) < requests_of(later)
    assert client.rows("analytics/usage", *daily(date(2026, 10, 18))) == []


def test_hours(client: Client) -> None:
    query = [*span(DAY), ("time_bucket_width", "1h")]
    rows = client.rows("analytics/usage", *query)
    assert len(rows) > 3
    total = client.read("analytics/usage", *daily(DAY))["data"][0]["usage"]["total_tokens"]
    assert sum(row["usage"]["total_tokens"] for row in rows) == total


# The Console account's older reports


def test_messages_report(client: Client) -> None:
    query = [*span(date(2026, 6, 19), DAY), *(("group_by[]", name) for name in ALL_MESSAGES_DIMENSIONS)]
    pages = client.pages("usage_report/messages", *query)
    assert set(pages[0]) == {"data", "has_more", "next_page"}
    assert pages[-1]["next_page"] is None
    assert [len(page["data"]) for page in pages[:2]] == [7, 7]
    buckets = [bucket for page in pages for bucket in page["data"]]
    days = [bucket["starting_at"][:10] for bucket in buckets]
    assert days == [(date(2026, 6, 19) + timedelta(n)).isoformat() for n in range(len(days))]
    assert days[-1] == DAY.isoformat()
    assert [bucket["results"] for bucket in buckets[:2]] == [[], []]
    results = [result for bucket in buckets for result in bucket["results"]]
    assert all(set(result) == MESSAGES for result in results)
    assert all(set(result["cache_creation"]) == CACHE for result in results)
    assert d.DEFAULT.id not in {result["workspace_id"] for result in results}
    assert None in {result["workspace_id"] for result in results}
    assert None in {result["api_key_id"] for result in results}
    # A key that acts as a user has no account here: the request was not made with OAuth.
    assert {result["account_id"] for result in results if result["api_key_id"] == d.NOTEBOOK_KEY.id} == {None}


def test_messages_report_and_analytics_agree_on_tokens(client: Client) -> None:
    usage = client.read("analytics/usage", *daily(DAY))["data"][0]["usage"]
    result = client.read("usage_report/messages", *span(DAY))["data"][0]["results"][0]
    for name in ("uncached_input_tokens", "cache_read_input_tokens", "output_tokens", "cache_creation"):
        assert result[name] == usage[name]
    assert {name for name in result if result[name] is None} == set(ALL_MESSAGES_DIMENSIONS)


def test_messages_report_refusals(client: Client) -> None:
    dimensions = [("group_by[]", name) for name in ALL_MESSAGES_DIMENSIONS]
    query = span(date(2026, 9, 1), DAY)
    assert client.refusal("usage_report/messages", *query, *dimensions, ("limit", 31))[0] == 400
    assert client.get("usage_report/messages", *query, ("limit", 31)).status_code == 200
    assert client.refusal("usage_report/messages", *query, ("limit", 32))[0] == 400
    assert client.refusal("usage_report/messages", *query, ("group_by[]", "speed"))[0] == 400
    fast = {"x-api-key": ADMIN_KEY, "anthropic-version": "2023-06-01", "anthropic-beta": "fast-mode-2026-02-01"}
    answer = client.get("usage_report/messages", *query, ("group_by[]", "speed"), headers=fast)
    assert answer.json()["data"][0]["results"][0]["speed"] == "standard"


def test_cost_report(client: Client) -> None:
    query = [*span(date(2026, 9, 20), DAY), ("group_by[]", "workspace_id"), ("group_by[]", "description")]
    buckets = client.rows("cost_report", *query, ("limit", 31))
    results = [result for bucket in buckets for result in bucket["results"]]
    assert len(buckets) == 25
    assert all(set(result) == COST_REPORT for result in results)
    assert "Claude Sonnet 4.6 Usage - Input Tokens" in {result["description"] for result in results}
    assert {result["model"] for result in results if result["cost_type"] != "tokens"} == {None}
    assert None in {result["workspace_id"] for result in results}
    billed = sum(Decimal(row["cost"]["amount"]) for row in client.rows("analytics/cost", *span(date(2026, 9, 20), DAY)))
    assert sum(Decimal(result["amount"]) for result in results) == billed


def test_cost_report_has_complete_days_only(serve: Serve) -> None:
    client = serve(FIRST_AS_OF)
    assert client.refusal("cost_report", *span(date(2026, 10, 15), FIRST_AS_OF))[0] == 400
    assert client.refusal("cost_report", ("starting_at", "2026-10-17T00:00:00Z"))[0] == 400
    days = client.rows("cost_report", ("starting_at", "2026-10-15T00:00:00Z"))
    assert [bucket["starting_at"][:10] for bucket in days] == ["2026-10-15", "2026-10-16"]


def test_claude_code_report(client: Client, company: Company) -> None:
    rows = client.rows("usage_report/claude_code", ("starting_at", "2026-06-23"), ("limit", 2))
    assert all(set(row) == CLAUDE_CODE for row in rows)
    assert {row["date"] for row in rows} == {"2026-06-23T00:00:00Z"}
    assert {(row["customer_type"], row["subscription_type"]) for row in rows} == {("api", None)}
    assert len(rows) == len(claude_use(company).final[date(2026, 6, 23)].works)
    actors = [row["actor"] for row in rows]
    assert {frozenset(actor) for actor in actors} == {
        frozenset({"type", "email_address"}),
        frozenset({"type", "api_key_name"}),
    }
    emails = [actor.get("email_address") for actor in actors]
    assert any(emails.count(email) > 1 for email in emails if email)
    for row in rows:
        for part in row["model_breakdown"]:
            assert set(part["tokens"]) == {"input", "output", "cache_read", "cache_creation"}
            assert isinstance(part["estimated_cost"]["amount"], int)


def test_claude_code_report_knows_nobody_with_a_seat(client: Client, company: Company) -> None:
    seats = {user.email for user in claude_use(company).directory.of(d.ENTERPRISE)}
    console = {user.email for user in claude_use(company).directory.of(d.CONSOLE)}
    rows = [row for day in c.DAYS[:40] for row in client.rows("usage_report/claude_code", ("starting_at", day))]
    emails = {row["actor"]["email_address"] for row in rows if row["actor"]["type"] == "user_actor"}
    assert emails & (seats - console) == set()
    assert {row["is_remote"] for row in rows} == {True, False}
    assert client.refusal("usage_report/claude_code")[0] == 400


# Lists


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("users", {"id", "email", "name", "role", "added_at", "type"}),
        (
            "api_keys",
            {
                *("id", "name", "partial_key_hint", "status", "created_at", "expires_at", "created_by", "principal"),
                *("workspace_id", "type"),
            },
        ),
        (
            "workspaces",
            {
                *("id", "name", "created_at", "archived_at", "display_color", "tags", "data_residency"),
                *("compartment_id", "external_key_id", "type"),
            },
        ),
        (f"workspaces/{d.CLAUDE_CODE.id}/members", {"user_id", "workspace_id", "workspace_role", "type"}),
    ],
)
def test_lists_page_by_after_id(client: Client, path: str, fields: set[str]) -> None:
    whole = client.read(path, ("limit", 1000))
    assert set(whole) == {"data", "first_id", "last_id", "has_more"}
    assert all(set(item) == fields for item in whole["data"])
    found, after = [], ""
    while True:
        page = client.read(path, ("limit", 2), *([("after_id", after)] if after else []))
        found += page["data"]
        after = page["last_id"]
        assert after
        if not page["has_more"]:
            break
    assert found == whole["data"]


def test_default_workspace(client: Client) -> None:
    listed = client.read("workspaces", ("limit", 100))["data"]
    assert {space["name"] for space in listed} == {"prod-api", "staging", "ci", "experiments", "Claude Code"}
    assert client.read(f"workspaces/{d.DEFAULT.id}")["name"] == "Default"
    assert client.read(f"workspaces/{d.DEFAULT.id}/members")["data"] == []
    assert client.refusal("workspaces/wrkspc_nowhere")[0] == 404
    archived = client.read("workspaces", ("include_archived", "true"))["data"]
    assert len(archived) == len(listed) + 1
    assert next(space for space in listed if space["name"] == "prod-api")["tags"] == {"env": "prod", "team": "payments"}


@pytest.mark.parametrize("shape", ["workspace_id", "scope"])
def test_shapes_of_api_keys(serve: Serve, shape: str) -> None:
    keys = {key["id"]: key for key in serve(key_shape=shape).read("api_keys")["data"]}
    assert len(keys) == len(d.API_KEYS)
    default, prod = keys[d.NOTEBOOK_KEY.id][shape], keys[d.PROD_KEY.id][shape]
    if shape == "scope":
        assert default == {"type": "workspace", "workspace_id": d.DEFAULT.id}
        assert prod == {"type": "workspace", "workspace_id": d.PROD_API.id}
    else:
        assert (default, prod) == (None, d.PROD_API.id)
    assert keys[d.ARCHIVED_KEY.id]["status"] == "archived"
    assert keys[d.SAME_NAME_KEY.id]["created_by"] is None


def test_organization(client: Client) -> None:
    assert set(client.read("me")) == {"id", "name", "type"}


# The Enterprise account's reports


def test_activity(client: Client) -> None:
    body = client.seats().read("analytics/users", ("date", DAY))
    assert set(body) == {"data", "next_page"}
    for row in body["data"]:
        assert set(row["user"]) == {"id", "email_address", "type"}
        assert {"chat_metrics", "cowork_metrics", "design_metrics", "office_metrics", "web_search_count"} < set(row)
        core = row["claude_code_metrics"]["core_metrics"]
        assert set(core) == {"commit_count", "pull_request_count", "lines_of_code", "distinct_session_count"}
        assert set(core["lines_of_code"]) == {"added_count", "removed_count"}
        for actions in row["claude_code_metrics"]["tool_actions"].values():
            assert set(actions) == {"accepted_count", "rejected_count"}


def test_activity_is_late(serve: Serve) -> None:
    seats = serve(FIRST_AS_OF).seats()
    status, message = seats.refusal("analytics/users", ("date", "2026-10-16"))
    assert (status, "2026-10-15" in message) == (400, True)
    assert seats.get("analytics/users", ("date", "2026-10-15")).status_code == 200
    assert seats.refusal("analytics/users", ("date", "2025-12-31"))[0] == 400
    assert seats.refusal("analytics/users")[0] == 400
    status, message = seats.refusal("analytics/summaries", ("starting_date", "2026-10-16"))
    assert (status, "2026-10-15" in message) == (400, True)


def test_activity_of_a_range_is_summed(client: Client) -> None:
    def sessions(*query: tuple[str, object]) -> int:
        rows = client.seats().rows("analytics/users", *query)
        return sum(row["claude_code_metrics"]["core_metrics"]["distinct_session_count"] for row in rows)

    days = [date(2026, 10, 12) + timedelta(number) for number in range(3)]
    ranged = sessions(("starting_date", days[0]), ("ending_date", "2026-10-15"))
    assert ranged == sum(sessions(("date", day)) for day in days) > 0


def test_summaries(client: Client) -> None:
    query = [("starting_date", "2026-10-12"), ("ending_date", "2026-10-15")]
    days = client.seats().read("analytics/summaries", *query)["summaries"]
    assert [day["starting_at"] for day in days] == [f"2026-10-{number}T00:00:00Z" for number in (12, 13, 14)]
    for day in days:
        assert day["daily_active_user_count"] <= day["weekly_active_user_count"] <= day["monthly_active_user_count"]
        assert day["assigned_seat_count"] > day["monthly_active_user_count"]
        assert day["claude_code_daily_active_user_count"] <= day["daily_active_user_count"]
    latest = client.seats().read("analytics/summaries", ("starting_date", "2026-10-17"))["summaries"]
    assert len(latest) == 2


def test_seat_reports(client: Client) -> None:
    seats = client.seats()
    query = span(DAY)
    used = seats.rows("analytics/user_usage_report", *query)
    assert all(set(row) == SEAT | (USAGE - {"requests"}) for row in used)
    paid = seats.rows("analytics/user_cost_report", *query, ("group_by[]", "cost_type"), ("group_by[]", "product"))
    assert all(set(row) == SEAT | {"amount", "list_amount", "currency", "cost_type", "token_type"} for row in paid)
    assert all(set(row["actor"]) == {"type", "user_id", "email", "name", "deleted"} for row in paid)
    assert {(row["starting_at"], row["ending_at"]) for row in used} == {(None, None)}
    bucketed = seats.rows("analytics/user_usage_report", *query, ("bucket_width", "1d"))
    assert {row["starting_at"] for row in bucketed} == {"2026-10-14T00:00:00Z"}
    envelope = seats.read("analytics/user_cost_report", *query)
    assert set(envelope) == PAGE | {"organization_id"}
    # Only what a seat's user did: the organisation's own report is larger.
    month = span(date(2026, 9, 20), DAY)
    by_user = sum(Decimal(row["list_amount"]) for row in seats.rows("analytics/user_cost_report", *month))
    in_all = Decimal(seats.read("analytics/cost", *month)["data"][0]["cost"]["list_amount"])
    assert 0 < by_user < in_all


def test_spend_limits(client: Client) -> None:
    rows = client.seats().rows("spend_limits/effective")
    assert {row["amount"] for row in rows} == {"50000", None, "0"}
    assert {frozenset(row) for row in rows} == {
        frozenset(
            {
                *("actor", "amount", "currency", "period", "period_to_date_spend", "scope", "source"),
                "spend_limit_id",
            }
        )
    }
    assert client.refusal("spend_limits/effective")[0] == 403


# Faults


def statuses(client: Client, number: int) -> list[int]:
    return [client.get("me").status_code for _ in range(number)]


@pytest.mark.parametrize("without", [False, True])
def test_rate_limit(serve: Serve, without: bool) -> None:
    client = serve(rate_limit_after=1, rate_limit_times=2, rate_limit_without_retry_after=without)
    assert client.get("me").status_code == 200
    limited = client.get("me")
    assert limited.status_code == 429
    assert limited.json()["error"]["type"] == "rate_limit_error"
    assert limited.headers.get("retry-after") == (None if without else "1")
    assert statuses(client, 3) == [429, 200, 200]


def test_server_errors_and_dropped_connection(serve: Serve) -> None:
    assert statuses(serve(server_errors=4), 5) == [500, 502, 503, 529, 200]
    client = serve(drop_connection_once=True)
    with pytest.raises(requests.ConnectionError):
        client.get("me")
    assert statuses(client, 1) == [200]


def test_expired_page(serve: Serve) -> None:
    client = serve(expired_pages=1)
    query = daily(date(2026, 9, 20), "actor", last=DAY)
    cursor = ("page", client.read("analytics/usage", *query)["next_page"])
    assert [client.get("analytics/usage", *query, cursor).status_code for _ in range(2)] == [410, 200]


def test_organizations_without_the_new_reports(serve: Serve) -> None:
    client = serve(without_beta=True)
    for reader in (client, client.seats()):
        assert reader.refusal("analytics/cost", *daily(DAY))[0] == 404
    assert client.get("cost_report", *span(DAY)).status_code == 200
    assert client.seats().get("analytics/user_cost_report", *span(DAY)).status_code == 200


def test_forbidden_and_unknown_field(serve: Serve) -> None:
    client = serve(forbidden=frozenset({"analytics/cost"}), unknown_field=True)
    assert client.refusal("analytics/cost", *daily(DAY))[0] == 403
    assert client.read("analytics/usage", *daily(DAY))["data"][0]["new_signal_count"] == 7


def test_email_field(serve: Serve) -> None:
    rows = serve(email_field="email").seats().rows("analytics/users", ("date", DAY))
    assert all(set(row["user"]) == {"id", "email", "type"} for row in rows)


def test_settings(client: Client) -> None:
    told = settings(client.server.url)
    assert told["SOURCES__ANTHROPIC__ADMIN_KEY"].startswith("sk-ant-admin01-")
    assert told["SOURCES__ANTHROPIC__API_URL"] == client.server.url
