"""The server speaks Anthropic's Admin and Analytics APIs with their quirks: credentials, lists and faults."""

from __future__ import annotations

from datetime import date

import pytest
import requests
from anthropic_client import BETA, DAY, ClaudeClient, ServeClaude, daily, one_client, serve_claude, span

from demo import anthropic_directory as d
from demo.anthropic_server import ADMIN_KEY, OAUTH_TOKEN, settings

__all__ = ["one_client", "serve_claude"]


# Credentials and headers


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"anthropic-version": "2023-06-01"}, 401),
        ({"x-api-key": "sk-ant-admin01-other", "anthropic-version": "2023-06-01"}, 401),
        ({"x-api-key": ADMIN_KEY}, 400),
    ],
)
def test_headers(client: ClaudeClient, headers: dict[str, str], status: int) -> None:
    assert client.refusal("me", headers=headers)[0] == status


@pytest.mark.parametrize("path", ["analytics/usage", "analytics/cost"])
def test_beta_header(client: ClaudeClient, path: str) -> None:
    headers = {"x-api-key": ADMIN_KEY, "anthropic-version": "2023-06-01"}
    status, message = client.refusal(path, *daily(DAY), headers=headers)
    assert (status, BETA in message) == (400, True)


@pytest.mark.parametrize(
    "path",
    ["analytics/users", "analytics/summaries", "analytics/user_usage_report", "analytics/user_cost_report"],
)
def test_enterprise_reports_are_forbidden_to_an_admin_key(client: ClaudeClient, path: str) -> None:
    status, message = client.refusal(path)
    assert (status, "Enterprise" in message) == (403, True)


@pytest.mark.parametrize("path", ["me", "users", "api_keys", "workspaces", "usage_report/messages", "cost_report"])
def test_console_reports_are_forbidden_to_an_analytics_key(client: ClaudeClient, path: str) -> None:
    assert client.seats().refusal(path)[0] == 403


def test_service_accounts_need_oauth(client: ClaudeClient) -> None:
    assert client.refusal("service_accounts")[0] == 403
    headers = {"authorization": f"Bearer {OAUTH_TOKEN}", "anthropic-version": "2023-06-01"}
    account = client.get("service_accounts", headers=headers).json()["data"][0]
    assert account["id"] == d.SERVICE_ACCOUNT_ID
    assert {"name", "description", "organization_role", "created_at", "updated_at", "archived_at"} < set(account)


def test_unknown_path_and_parameter(client: ClaudeClient) -> None:
    assert client.refusal("nothing")[0] == 404
    assert client.refusal("users", ("limits", 3))[0] == 400
    assert client.get("users", ("beta", "true")).status_code == 200


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
def test_lists_page_by_after_id(client: ClaudeClient, path: str, fields: set[str]) -> None:
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


def test_default_workspace(client: ClaudeClient) -> None:
    listed = client.read("workspaces", ("limit", 100))["data"]
    assert {space["name"] for space in listed} == {"prod-api", "staging", "ci", "experiments", "Claude Code"}
    assert client.read(f"workspaces/{d.DEFAULT.id}")["name"] == "Default"
    assert client.read(f"workspaces/{d.DEFAULT.id}/members")["data"] == []
    assert client.refusal("workspaces/wrkspc_nowhere")[0] == 404
    archived = client.read("workspaces", ("include_archived", "true"))["data"]
    assert len(archived) == len(listed) + 1
    assert next(space for space in listed if space["name"] == "prod-api")["tags"] == {"env": "prod", "team": "payments"}


@pytest.mark.parametrize("shape", ["workspace_id", "scope"])
def test_shapes_of_api_keys(serve: ServeClaude, shape: str) -> None:
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


def test_organization(client: ClaudeClient) -> None:
    assert set(client.read("me")) == {"id", "name", "type"}


# Faults


def statuses(client: ClaudeClient, number: int) -> list[int]:
    return [client.get("me").status_code for _ in range(number)]


@pytest.mark.parametrize("without", [False, True])
def test_rate_limit(serve: ServeClaude, without: bool) -> None:
    client = serve(rate_limit_after=1, rate_limit_times=2, rate_limit_without_retry_after=without)
    assert client.get("me").status_code == 200
    limited = client.get("me")
    assert limited.status_code == 429
    assert limited.json()["error"]["type"] == "rate_limit_error"
    assert limited.headers.get("retry-after") == (None if without else "1")
    assert statuses(client, 3) == [429, 200, 200]


def test_server_errors_and_dropped_connection(serve: ServeClaude) -> None:
    assert statuses(serve(server_errors=4), 5) == [500, 502, 503, 529, 200]
    client = serve(drop_connection_once=True)
    with pytest.raises(requests.ConnectionError):
        client.get("me")
    assert statuses(client, 1) == [200]


def test_expired_page(serve: ServeClaude) -> None:
    client = serve(expired_pages=1)
    query = daily(date(2026, 9, 20), "actor", last=DAY)
    cursor = ("page", client.read("analytics/usage", *query)["next_page"])
    assert [client.get("analytics/usage", *query, cursor).status_code for _ in range(2)] == [410, 200]


def test_organizations_without_the_new_reports(serve: ServeClaude) -> None:
    client = serve(without_beta=True)
    for reader in (client, client.seats()):
        assert reader.refusal("analytics/cost", *daily(DAY))[0] == 404
    assert client.get("cost_report", *span(DAY)).status_code == 200
    assert client.seats().get("analytics/user_cost_report", *span(DAY)).status_code == 200


def test_forbidden_and_unknown_field(serve: ServeClaude) -> None:
    client = serve(forbidden=frozenset({"analytics/cost"}), unknown_field=True)
    assert client.refusal("analytics/cost", *daily(DAY))[0] == 403
    assert client.read("analytics/usage", *daily(DAY))["data"][0]["new_signal_count"] == 7


def test_email_field(serve: ServeClaude) -> None:
    rows = serve(email_field="email").seats().rows("analytics/users", ("date", DAY))
    assert all(set(row["user"]) == {"id", "email", "type"} for row in rows)


def test_settings(client: ClaudeClient) -> None:
    told = settings(client.server.url)
    assert told["SOURCES__ANTHROPIC__ADMIN_KEY"].startswith("sk-ant-admin01-")
    assert told["SOURCES__ANTHROPIC__API_URL"] == client.server.url
