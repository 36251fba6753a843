"""The server's older Console reports, and those of an Enterprise account: activity, seats, limits."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from anthropic_client import (
    CACHE,
    DAY,
    PAGE,
    USAGE,
    ClaudeClient,
    ServeClaude,
    daily,
    one_client,
    serve_claude,
    span,
)

from demo import anthropic_directory as d
from demo import constants as c
from demo.anthropic_habits import claude_use
from demo.anthropic_server import ADMIN_KEY
from demo.company import FIRST_AS_OF, Company

__all__ = ["one_client", "serve_claude"]

# Of the reference, section by section.
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


# The Console account's older reports


def test_messages_report(client: ClaudeClient) -> None:
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


def test_messages_report_and_analytics_agree_on_tokens(client: ClaudeClient) -> None:
    usage = client.read("analytics/usage", *daily(DAY))["data"][0]["usage"]
    result = client.read("usage_report/messages", *span(DAY))["data"][0]["results"][0]
    for name in ("uncached_input_tokens", "cache_read_input_tokens", "output_tokens", "cache_creation"):
        assert result[name] == usage[name]
    assert {name for name in result if result[name] is None} == set(ALL_MESSAGES_DIMENSIONS)


def test_messages_report_refusals(client: ClaudeClient) -> None:
    dimensions = [("group_by[]", name) for name in ALL_MESSAGES_DIMENSIONS]
    query = span(date(2026, 9, 1), DAY)
    assert client.refusal("usage_report/messages", *query, *dimensions, ("limit", 31))[0] == 400
    assert client.get("usage_report/messages", *query, ("limit", 31)).status_code == 200
    assert client.refusal("usage_report/messages", *query, ("limit", 32))[0] == 400
    assert client.refusal("usage_report/messages", *query, ("group_by[]", "speed"))[0] == 400
    fast = {"x-api-key": ADMIN_KEY, "anthropic-version": "2023-06-01", "anthropic-beta": "fast-mode-2026-02-01"}
    answer = client.get("usage_report/messages", *query, ("group_by[]", "speed"), headers=fast)
    assert answer.json()["data"][0]["results"][0]["speed"] == "standard"


def test_cost_report(client: ClaudeClient) -> None:
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


def test_cost_report_has_complete_days_only(serve: ServeClaude) -> None:
    client = serve(FIRST_AS_OF)
    assert client.refusal("cost_report", *span(date(2026, 10, 15), FIRST_AS_OF))[0] == 400
    assert client.refusal("cost_report", ("starting_at", "2026-10-17T00:00:00Z"))[0] == 400
    days = client.rows("cost_report", ("starting_at", "2026-10-15T00:00:00Z"))
    assert [bucket["starting_at"][:10] for bucket in days] == ["2026-10-15", "2026-10-16"]


def test_claude_code_report(client: ClaudeClient, company: Company) -> None:
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


def test_claude_code_report_knows_nobody_with_a_seat(client: ClaudeClient, company: Company) -> None:
    seats = {user.email for user in claude_use(company).directory.of(d.ENTERPRISE)}
    console = {user.email for user in claude_use(company).directory.of(d.CONSOLE)}
    rows = [row for day in c.DAYS[:40] for row in client.rows("usage_report/claude_code", ("starting_at", day))]
    emails = {row["actor"]["email_address"] for row in rows if row["actor"]["type"] == "user_actor"}
    assert emails & (seats - console) == set()
    assert {row["is_remote"] for row in rows} == {True, False}
    assert client.refusal("usage_report/claude_code")[0] == 400


# The Enterprise account's reports


def test_activity(client: ClaudeClient) -> None:
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


def test_activity_is_late(serve: ServeClaude) -> None:
    seats = serve(FIRST_AS_OF).seats()
    status, message = seats.refusal("analytics/users", ("date", "2026-10-16"))
    assert (status, "2026-10-15" in message) == (400, True)
    assert seats.get("analytics/users", ("date", "2026-10-15")).status_code == 200
    assert seats.refusal("analytics/users", ("date", "2025-12-31"))[0] == 400
    assert seats.refusal("analytics/users")[0] == 400
    status, message = seats.refusal("analytics/summaries", ("starting_date", "2026-10-16"))
    assert (status, "2026-10-15" in message) == (400, True)


def test_activity_of_a_range_is_summed(client: ClaudeClient) -> None:
    def sessions(*query: tuple[str, object]) -> int:
        rows = client.seats().rows("analytics/users", *query)
        return sum(row["claude_code_metrics"]["core_metrics"]["distinct_session_count"] for row in rows)

    days = [date(2026, 10, 12) + timedelta(number) for number in range(3)]
    ranged = sessions(("starting_date", days[0]), ("ending_date", "2026-10-15"))
    assert ranged == sum(sessions(("date", day)) for day in days) > 0


def test_summaries(client: ClaudeClient) -> None:
    query = [("starting_date", "2026-10-12"), ("ending_date", "2026-10-15")]
    days = client.seats().read("analytics/summaries", *query)["summaries"]
    assert [day["starting_at"] for day in days] == [f"2026-10-{number}T00:00:00Z" for number in (12, 13, 14)]
    for day in days:
        assert day["daily_active_user_count"] <= day["weekly_active_user_count"] <= day["monthly_active_user_count"]
        assert day["assigned_seat_count"] > day["monthly_active_user_count"]
        assert day["claude_code_daily_active_user_count"] <= day["daily_active_user_count"]
    latest = client.seats().read("analytics/summaries", ("starting_date", "2026-10-17"))["summaries"]
    assert len(latest) == 2


def test_seat_reports(client: ClaudeClient) -> None:
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


def test_spend_limits(client: ClaudeClient) -> None:
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
