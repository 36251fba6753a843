"""The server's analytics of usage and cost equal the truth, however they are grouped, filtered and paged."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from anthropic_client import (
    CACHE,
    DAY,
    PAGE,
    USAGE,
    ClaudeClient,
    Json,
    Query,
    ServeClaude,
    daily,
    one_client,
    serve_claude,
    span,
)

from demo import anthropic_directory as d
from demo import constants as c
from demo.anthropic_habits import claude_use
from demo.anthropic_truth import credits, tokens  # noqa: A004
from demo.company import AS_OF, FIRST_AS_OF, Company

__all__ = ["one_client", "serve_claude"]

# Of the reference, section by section.
GROUP = {
    *("actor", "actor_type", "api_key_id", "workspace_id", "organization_id", "product", "model", "service_tier"),
    *("context_window", "inference_geo", "speed", "rbac_group_id", "agent_id", "deployment_id", "environment_id"),
    *("session_id", "slack_channel_id", "claude_tag_user_id", "claude_tag_category", "user_profile_id"),
}
COST = {"amount", "list_amount", "currency", "requests"}
SPEND = ("actor", "model", "product", "workspace_id", "api_key_id", "cost_type", "token_type")


def principal(group: Json) -> str:
    """The principal's identifier by the rule: key, service account, federated identity, user."""
    actor = group["actor"] or {}
    if group["api_key_id"]:
        return str(group["api_key_id"])
    if actor.get("type") == "federated_actor":
        return f"{actor['provider']}/{actor['subject']}"
    known = actor.get("service_account_id") or actor.get("user_id")
    return str(known or ("console_no_key" if group["product"] == "claude_console" else "unattributed"))


# analytics/usage and analytics/cost


def test_analytics_shapes(client: ClaudeClient) -> None:
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


def test_actors(client: ClaudeClient) -> None:
    month = daily(date(2026, 9, 18), "actor", last=DAY)
    actors = [row["group"]["actor"] for row in client.rows("analytics/usage", *month, ("limit", 1000))]
    shapes = {actor["type"]: set(actor) for actor in actors if actor}
    assert shapes == {
        "user_actor": {"type", "user_id", "email_address", "name", "deleted"},
        "service_account_actor": {"type", "service_account_id"},
        "api_actor": {"type", "api_key_id"},
        "federated_actor": {"type", "provider", "subject"},
    }


def test_actor_of_a_key_that_acts_as_a_user_is_the_user(client: ClaudeClient) -> None:
    query = daily(date(2026, 9, 18), "actor", "api_key_id", last=DAY)
    groups = [row["group"] for row in client.rows("analytics/cost", *query, ("api_key_ids[]", d.NOTEBOOK_KEY.id))]
    assert {group["actor"]["type"] for group in groups} == {"user_actor"}
    assert {group["api_key_id"] for group in groups} == {d.NOTEBOOK_KEY.id}


def test_identities_that_cannot_be_shown_are_rows_of_their_own(client: ClaudeClient, company: Company) -> None:
    found = claude_use(company).final
    day = next(day for day in c.DAYS if len({u.caller.hidden for u in found[day].uses if u.account == d.CONSOLE}) == 3)
    hidden = [row for row in client.rows("analytics/usage", *daily(day, "actor")) if row["group"]["actor"] is None]
    assert len(hidden) >= 2


def test_cost_equals_truth(client: ClaudeClient, company: Company) -> None:
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
def test_usage_equals_truth(serve: ServeClaude, company: Company, as_of: date) -> None:
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
def test_discount(client: ClaudeClient, day: date, paid: int) -> None:
    """A tenth off list, and from the 16th of September on fifteen percent."""
    found = client.rows("analytics/cost", *daily(day, *SPEND))
    assert found
    for row in found:
        assert Decimal(row["cost"]["amount"]) * 100 == Decimal(row["cost"]["list_amount"]) * paid


def test_amounts_are_text(client: ClaudeClient) -> None:
    amounts = [row["cost"]["list_amount"] for row in client.rows("analytics/cost", *daily(DAY, *SPEND))]
    assert all(isinstance(amount, str) for amount in amounts)
    assert any("." in amount for amount in amounts)


def test_grouping_does_not_change_the_total(client: ClaudeClient) -> None:
    ungrouped = client.read("analytics/cost", *span(DAY))["data"]
    assert len(ungrouped) == 1
    total = Decimal(ungrouped[0]["cost"]["list_amount"])
    assert ungrouped[0]["cost"]["requests"] > 0
    for groups in (("cost_type",), ("actor",), ("model", "service_tier", "inference_geo"), SPEND):
        rows = client.rows("analytics/cost", *daily(DAY, *groups))
        assert sum(Decimal(row["cost"]["list_amount"]) for row in rows) == total


def test_costs_without_model(client: ClaudeClient) -> None:
    rows = client.rows("analytics/cost", *daily(date(2026, 9, 20), *SPEND, last=DAY), ("limit", 1000))
    kinds = {row["group"]["cost_type"] for row in rows if row["group"]["model"] is None}
    assert kinds == {"web_search", "code_execution", "session_usage"}
    assert {row["group"]["product"] for row in rows if row["group"]["cost_type"] == "code_execution"} == {None}


def test_default_workspace_has_its_real_id(client: ClaudeClient) -> None:
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
def test_refused_queries(client: ClaudeClient, query: Query) -> None:
    assert client.refusal("analytics/cost", *query)[0] == 400


def test_history_is_at_most_a_year(serve: ServeClaude) -> None:
    client = serve(date(2027, 3, 1))
    assert client.refusal("analytics/usage", *daily(date(2026, 2, 28)))[0] == 400
    assert client.get("analytics/usage", *daily(date(2026, 3, 2))).status_code == 200


def test_limit_counts_rows_before_the_fan_out(client: ClaudeClient) -> None:
    pages = client.pages("analytics/cost", *daily(DAY, "actor", "model", "cost_type", "token_type"), ("limit", 2))
    assert len(pages) > 2
    assert len(pages[0]["data"]) > 2
    assert len(client.pages("analytics/usage", *daily(date(2026, 9, 20), "actor", last=DAY))[0]["data"]) == 20


def test_order(client: ClaudeClient) -> None:
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
def test_filters(client: ClaudeClient, parameter: str, value: str, dimension: str, shown: set[str | None]) -> None:
    rows = client.rows("analytics/usage", *daily(date(2026, 9, 20), dimension, last=DAY), (parameter, value))
    assert {row["group"][dimension] for row in rows} == shown


def test_deleted_users(client: ClaudeClient) -> None:
    query = daily(date(2026, 8, 20), "actor", last=date(2026, 9, 15))
    rows = client.seats().rows("analytics/usage", *query, ("limit", 1000))
    gone = [row["group"]["actor"] for row in rows if row["group"]["actor"] and row["group"]["actor"]["deleted"]]
    assert {(actor["name"], actor["email_address"]) for actor in gone} == {
        ("Deleted User", None),
        ("Lena Gone", "lena.gone@example.com"),
    }
    kept = client.seats().rows("analytics/usage", *query, ("limit", 1000), ("exclude_deleted_users", "true"))
    assert len(kept) == len(rows) - len(gone)


def test_page_is_bound_to_parameters(client: ClaudeClient) -> None:
    query = daily(date(2026, 9, 20), "actor", last=DAY)
    cursor = ("page", client.read("analytics/usage", *query)["next_page"])
    assert client.get("analytics/usage", *query, cursor).status_code == 200
    assert client.refusal("analytics/usage", *query, ("limit", 30), cursor)[0] == 400
    assert client.refusal("analytics/cost", *query, cursor)[0] == 400
    assert client.refusal("analytics/usage", *query, ("page", "page_nonsense"))[0] == 400


def test_page_ends_when_data_are_refreshed(serve: ServeClaude) -> None:
    client = serve(FIRST_AS_OF)
    query = daily(date(2026, 9, 20), "actor", last=DAY)
    page = client.read("analytics/usage", *query)
    client.server.as_of = AS_OF
    assert client.refusal("analytics/usage", *query, ("page", page["next_page"]))[0] == 410
    assert page["data_refreshed_at"] == "2026-10-17T08:00:00Z"
    assert client.read("analytics/usage", *query)["data_refreshed_at"] == "2026-10-20T08:00:00Z"


def test_today_so_far(serve: ServeClaude) -> None:
    client = serve(FIRST_AS_OF)
    later = serve(AS_OF)

    def requests_of(reader: ClaudeClient) -> int:
        rows = reader.rows("analytics/usage", *daily(date(2026, 10, 17)))
        return sum(row["usage"]["requests"] for row in rows)

    assert requests_of(client) < requests_of(later)
    assert client.rows("analytics/usage", *daily(date(2026, 10, 18))) == []


def test_hours(client: ClaudeClient) -> None:
    query = [*span(DAY), ("time_bucket_width", "1h")]
    rows = client.rows("analytics/usage", *query)
    assert len(rows) > 3
    total = client.read("analytics/usage", *daily(DAY))["data"][0]["usage"]["total_tokens"]
    assert sum(row["usage"]["total_tokens"] for row in rows) == total
