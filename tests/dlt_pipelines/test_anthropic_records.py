"""Anthropic's records as they become raw rows: every documented quirk of a field."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from dlt_pipelines.anthropic import endpoints
from dlt_pipelines.errors import RequestFailed
from dlt_pipelines.fetched import Asked
from dlt_pipelines.identifiers import Pseudonymizer
from dlt_pipelines.paged_extraction import Endpoint, NamedAccount
from dlt_pipelines.pages import PageFiles
from dlt_pipelines.record_shapes import Parsed, ReportContent
from dlt_pipelines.reports import connect, parse
from tests.dlt_pipelines.anthropic_bench import read

KEYS = Pseudonymizer("a test key that is long enough to use")
DAY = date(2026, 10, 10)
START = "2026-10-10T00:00:00Z"
ADA = {"type": "user_actor", "user_id": "user_01Ada", "email_address": "Ada@Example.com", "name": "Ada Sample"}

Rows = dict[str, list[dict[str, Any]]]
Load = Callable[..., Rows]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def loaded(endpoint: Callable[[Any], Endpoint], *answers: Any, scope: str = "console") -> Rows:
        """The raw rows by table of what an endpoint reads."""
        found = read(endpoint, *((200, answer) for answer in answers), scope=scope)
        made = endpoint(None)
        asked = Asked(NamedAccount(scope, "sample"), made, DAY if made.dated else None)
        files = PageFiles(tmp_path, asked)
        for page in found.pages:
            files.add(page)
        content = ReportContent("load", f"{scope}/sample", scope, DAY, DAY, tuple(files.files))
        rows: Rows = {table.name: [] for table in made.shape.tables}
        if not files.files:
            return rows
        parsed = Parsed()
        with connect(tmp_path) as connection:
            for table, batch in parse(connection, made.shape, [content], KEYS, parsed, tmp_path):
                rows[table] += batch.to_pylist()
        assert not parsed.rejected
        return {table: sorted(found, key=lambda row: row["record_ordinal"]) for table, found in rows.items()}

    return loaded


def report(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"data": list(rows), "has_more": False, "next_page": None}


def bucket(*results: dict[str, Any]) -> dict[str, Any]:
    return report({"starting_at": START, "ending_at": "2026-10-11T00:00:00Z", "results": list(results)})


def usage(group: dict[str, Any], **metrics: Any) -> dict[str, Any]:
    return {"starting_at": START, "ending_at": "2026-10-11T00:00:00Z", "group": group, "usage": metrics}


def cost(group: dict[str, Any], **amounts: Any) -> dict[str, Any]:
    return {"starting_at": START, "ending_at": "2026-10-11T00:00:00Z", "group": group, "cost": amounts}


messages_usage = partial(endpoints.messages_usage, asks_for=lambda _: True)
cost_report = partial(endpoints.cost_report, asks_for=lambda _: True)
user_cost = partial(endpoints.user_cost, asks_for=lambda _: True)


def test_amounts_are_cents_in_decimal_strings_and_keep_every_digit(load: Load) -> None:
    rows = load(
        endpoints.analytics_cost,
        report(
            cost({"cost_type": "tokens"}, amount="123.45", list_amount="123.789123456", currency="USD", requests=None),
            cost({"cost_type": "tokens"}, amount="0", list_amount="98765432109876.543210987", currency="USD"),
        ),
    )["analytics_costs"]
    assert [row["amount_cents"] for row in rows] == [Decimal("123.45"), Decimal(0)]
    assert [row["list_amount_cents"] for row in rows] == [
        Decimal("123.789123456"),
        Decimal("98765432109876.543210987"),
    ]
    assert rows[0]["requests"] is None


def test_rows_without_an_actor_are_all_kept_though_they_are_alike(load: Load) -> None:
    row = cost({"actor": None, "product": "chat", "cost_type": "tokens"}, amount="1", list_amount="2", currency="USD")
    rows = load(endpoints.analytics_cost, report(row, row, row))["analytics_costs"]
    assert [row["list_amount_cents"] for row in rows] == [Decimal(2)] * 3
    assert len({row["record_ordinal"] for row in rows}) == 3
    assert {row["actor_type"] for row in rows} == {None}


def test_every_kind_of_actor_keeps_what_identifies_it(load: Load) -> None:
    actors = (
        ADA,
        {"type": "service_account_actor", "service_account_id": "svac_1"},
        {"type": "api_actor", "api_key_id": "apikey_1"},
        {"type": "federated_actor", "provider": "oidc", "subject": "Repo:Sample"},
    )
    rows = load(endpoints.analytics_usage, report(*(usage({"actor": actor}) for actor in actors)))["analytics_usage"]
    assert [row["actor_type"] for row in rows] == [actor["type"] for actor in actors]
    assert rows[0]["user_key"] == KEYS.key("anthropic_user", "user_01Ada")
    assert rows[1]["actor_service_account_id"] == "svac_1"
    assert rows[2]["actor_api_key_id"] == "apikey_1"
    assert rows[3]["actor_federated_key"] == KEYS.key("anthropic_federated", "oidc/Repo:Sample")


def test_no_name_and_no_address_is_in_a_row(load: Load) -> None:
    federated = {"type": "federated_actor", "provider": "oidc", "subject": "ada.sample@example.com"}
    rows = load(endpoints.analytics_usage, report(usage({"actor": ADA}), usage({"actor": federated})))
    text = json.dumps(rows, default=str).lower()
    for word in ("sample", "user_01ada", "example.com"):
        assert word not in text.replace("console/sample", "")


def test_an_e_mail_goes_by_either_name(load: Load) -> None:
    older = {**{name: value for name, value in ADA.items() if name != "email_address"}, "email": "ada@example.com"}
    rows = load(endpoints.analytics_usage, report(usage({"actor": ADA}), usage({"actor": older})))["analytics_usage"]
    key = KEYS.key("email", "ada@example.com")
    assert [(row["email_key"], row["older_email_key"]) for row in rows] == [(key, None), (None, key)]


def test_a_deleted_user_keeps_the_user_id(load: Load) -> None:
    gone = {"type": "user_actor", "user_id": "user_01Gone", "email": None, "name": "Deleted User", "deleted": True}
    answer = report({"actor": gone, "amount": "1.5", "list_amount": "2", "currency": "USD", "requests": 4})
    (row,) = load(user_cost, answer, scope="enterprise")["user_costs"]
    assert row["user_key"] == KEYS.key("anthropic_user", "user_01Gone")
    assert (row["email_key"], row["older_email_key"], row["is_user_deleted"]) == (None, None, True)


def test_cache_writes_are_read_from_the_nested_object_for_there_is_no_flat_number(load: Load) -> None:
    written = {"ephemeral_5m_input_tokens": 500, "ephemeral_1h_input_tokens": 1000}
    result = {"uncached_input_tokens": 1, "cache_creation": written, "cache_creation_input_tokens": 7}
    (row,) = load(messages_usage, bucket(result))["messages_usage"]
    assert (row["cache_write_5m_input_tokens"], row["cache_write_1h_input_tokens"]) == (500, 1000)
    assert row["extra"] == '{"cache_creation_input_tokens":7}'


def test_the_account_of_a_user_is_not_taken_for_the_account_that_was_asked(load: Load) -> None:
    (row,) = load(messages_usage, bucket({"account_id": "user_01Ada", "api_key_id": None}))["messages_usage"]
    assert row["account_id"] == "console/sample"
    assert row["user_key"] == KEYS.key("anthropic_user", "user_01Ada")


def test_speed_is_an_optional_field_of_the_older_usage_report(load: Load) -> None:
    rows = load(messages_usage, bucket({"model": "m", "speed": "fast"}, {"model": "m"}))["messages_usage"]
    assert [row["speed"] for row in rows] == ["fast", None]


def test_null_stays_null_beside_what_was_grouped_by(load: Load) -> None:
    (row,) = load(messages_usage, bucket({"workspace_id": None, "api_key_id": None}))["messages_usage"]
    assert (row["workspace_id"], row["api_key_id"]) == (None, None)
    assert {"workspace_id", "api_key_id", "account_id", "speed"} <= set(row["grouped_by"].split(","))


def test_a_number_instead_of_text_in_a_dimension_is_told_not_converted(tmp_path: Path) -> None:
    found = read(endpoints.analytics_usage, (200, report(usage({"model": 7}))))
    made = endpoints.analytics_usage(None)  # type: ignore[arg-type]
    files = PageFiles(tmp_path, Asked(NamedAccount("console", "sample"), made, DAY))
    files.add(found.pages[0])
    content = ReportContent("load", "console/sample", "console", DAY, DAY, tuple(files.files))
    parsed = Parsed()
    with connect(tmp_path) as connection:
        assert list(parse(connection, made.shape, [content], KEYS, parsed, tmp_path)) == []
    assert "field model changed type: expected VARCHAR, found an integer" in parsed.rejected["load"]


def code_row(**changes: Any) -> dict[str, Any]:
    return {
        "date": START,
        "actor": {"type": "user_actor", "email_address": "ada@example.com"},
        "customer_type": "api",
        "terminal_type": "vscode",
        "core_metrics": {"num_sessions": 5, "lines_of_code": {"added": 7, "removed": 3}},
        "tool_actions": {"edit_tool": {"accepted": 4, "rejected": 1}},
        "model_breakdown": [],
        **changes,
    }


def test_unknown_tools_are_kept_and_counted(load: Load) -> None:
    tools = {"edit_tool": {"accepted": 4, "rejected": 1}, "patch_tool": {"accepted": 2}, "write_tool": None}
    (row,) = load(endpoints.claude_code, report(code_row(tool_actions=tools)))["claude_code_days"]
    assert (row["accepted_actions"], row["rejected_actions"]) == (6, 1)
    assert json.loads(row["tool_actions"]) == tools


def test_missing_tools_are_unknown_not_zero(load: Load) -> None:
    rows = load(endpoints.claude_code, report(code_row(tool_actions={}), code_row(tool_actions=None)))
    assert [row["accepted_actions"] for row in rows["claude_code_days"]] == [None, None]


def test_one_person_in_two_terminals_and_two_modes_has_three_rows(load: Load) -> None:
    answer = report(code_row(), code_row(is_remote=True), code_row(terminal_type="tmux", is_remote=False))
    rows = load(endpoints.claude_code, answer)["claude_code_days"]
    assert [(row["terminal_type"], row["is_remote"]) for row in rows] == [
        ("vscode", None),
        ("vscode", True),
        ("tmux", False),
    ]


def test_sessions_stand_once_above_the_models_and_estimates_are_cents(load: Load) -> None:
    models = [
        {
            "model": name,
            "tokens": {"input": 1, "output": 2, "cache_read": 3, "cache_creation": 4},
            "estimated_cost": {"amount": amount, "currency": "USD"},
        }
        for name, amount in (("claude-opus-5", 141), ("claude-sonnet-5", "0.25"))
    ]
    rows = load(endpoints.claude_code, report(code_row(model_breakdown=models)))
    (day,) = rows["claude_code_days"]
    assert (day["sessions"], day["estimated_cents"]) == (5, Decimal("141.25"))
    assert [row["estimated_cents"] for row in rows["claude_code_models"]] == [Decimal(141), Decimal("0.25")]
    assert {row["record_ordinal"] for row in rows["claude_code_models"]} == {day["record_ordinal"]}


def test_a_key_is_known_by_its_name_only_which_is_not_loaded(load: Load) -> None:
    actor = {"type": "api_actor", "api_key_name": "Ada's prod CI key"}
    (row,) = load(endpoints.claude_code, report(code_row(actor=actor)))["claude_code_days"]
    assert row["name_key"] == KEYS.key("anthropic_api_key_name", "Ada's prod CI key")
    assert row["name_hints"] == "ci,prod"
    assert row["email_key"] is None


def test_a_subscription_row_says_so(load: Load) -> None:
    answer = report(code_row(customer_type="subscription", subscription_type="team"))
    (row,) = load(endpoints.claude_code, answer)["claude_code_days"]
    assert (row["customer_type"], row["subscription_type"]) == ("subscription", "team")


def test_an_empty_claude_code_report_has_no_row(load: Load) -> None:
    assert load(endpoints.claude_code, report())["claude_code_days"] == []


def test_enterprise_activity_has_other_names_for_the_same_counts(load: Load) -> None:
    metrics = {
        "core_metrics": {
            "commit_count": 3,
            "pull_request_count": 1,
            "lines_of_code": {"added_count": 120, "removed_count": 45},
            "distinct_session_count": 4,
        },
        "tool_actions": {"edit_tool": {"accepted_count": 10, "rejected_count": 2}, "new_tool": {"accepted_count": 1}},
    }
    office = {app: {"message_count": 8, "distinct_session_count": 2} for app in ("excel", "word")}
    user = {"id": "user_01Ada", "email": "ada@example.com"}
    answer = report({"user": user, "claude_code_metrics": metrics, "office_metrics": office, "web_search_count": 0})
    (row,) = load(endpoints.users_activity, answer, scope="enterprise")["users_activity"]
    assert (row["sessions"], row["lines_added"], row["lines_removed"]) == (4, 120, 45)
    assert (row["accepted_actions"], row["rejected_actions"]) == (11, 2)
    assert (row["office_messages"], row["office_sessions"]) == (16, 4)
    assert row["has_any_count"] is True
    assert row["user_key"] == KEYS.key("anthropic_user", "user_01Ada")


def test_a_row_without_any_count_above_zero_is_no_activity(load: Load) -> None:
    zeros = {"message_count": 0, "brand_new_count": 0}
    rows = [
        {"user": {"id": "a"}, "chat_metrics": zeros, "web_search_count": 0},
        {"user": {"id": "b"}, "chat_metrics": {**zeros, "brand_new_count": 20}},
        {"user": {"id": "c"}},
    ]
    found = load(endpoints.users_activity, report(*rows), scope="enterprise")["users_activity"]
    assert [row["has_any_count"] for row in found] == [False, True, None]


def test_a_keys_workspace_is_read_from_either_shape(load: Load) -> None:
    keys = [
        {"id": "apikey_1", "name": "ci-nightly", "workspace_id": "wrkspc_1"},
        {"id": "apikey_2", "name": "x", "scope": {"type": "workspace", "workspace_id": "wrkspc_2"}},
        {"id": "apikey_3", "name": "x", "scope": {"type": "organization"}},
        {"id": "apikey_4", "name": "x", "workspace_id": None},
    ]
    rows = load(endpoints.api_keys, {"data": keys, "has_more": False, "last_id": "apikey_4"})["api_keys"]
    assert [row["workspace_id"] for row in rows] == ["wrkspc_1", "wrkspc_2", None, None]
    assert [row["key_scope"] for row in rows] == [None, "workspace", "organization", None]
    assert {row["scope"] for row in rows} == {"console"}
    assert rows[0]["name_hints"] == "ci,nightly"


def test_whom_a_key_acts_as_is_kept_and_who_made_it_is_not(load: Load) -> None:
    maker = {"id": "user_01Ada", "type": "user"}
    keys = [
        {"id": "apikey_1", "name": "x", "created_by": maker, "principal": None, "partial_key_hint": "sk-ant-api03-R2D"},
        {"id": "apikey_2", "name": "x", "created_by": None, "principal": maker},
        {"id": "apikey_3", "name": "x", "principal": {"id": "svac_1", "type": "service_account"}},
    ]
    rows = load(endpoints.api_keys, {"data": keys, "has_more": False, "last_id": "apikey_3"})["api_keys"]
    user = KEYS.key("anthropic_user", "user_01Ada")
    assert [row["acts_as_user_key"] for row in rows] == [None, user, None]
    assert [row["acts_as_service_account_id"] for row in rows] == [None, None, "svac_1"]
    assert "sk-ant" not in json.dumps(rows, default=str)


def test_a_key_that_acts_as_nobody_known_has_no_user(load: Load) -> None:
    key = {"id": "apikey_1", "name": "x", "principal": {"type": "user"}}
    (row,) = load(endpoints.api_keys, report(key))["api_keys"]
    assert (row["acts_as_type"], row["acts_as_user_key"]) == ("user", None)


@pytest.mark.parametrize("odd", [{"subject": 17}, {"provider": ["Ada"]}, {"type": {"federated_actor": "Ada"}}])
def test_a_federated_identity_of_an_unknown_form_is_a_failure_that_quotes_nothing(odd: dict[str, Any]) -> None:
    actor = {"type": "federated_actor", "provider": "okta", "subject": "ada@example.com", **odd}
    with pytest.raises(RequestFailed, match="is no text") as failure:
        read(endpoints.analytics_usage, (200, report(usage({"actor": actor}))))
    assert "ada" not in str(failure.value).lower()


def test_a_federated_identity_without_a_subject_is_nobodys(load: Load) -> None:
    actor = {"type": "federated_actor", "provider": "okta"}
    (row,) = load(endpoints.analytics_usage, report(usage({"actor": actor})))["analytics_usage"]
    assert (row["actor_type"], row["actor_federated_key"]) == ("federated_actor", None)


def test_a_principal_of_an_unknown_form_is_a_failure() -> None:
    for principal in ("user_01Ada", {"type": "user", "id": 5}, {"type": 5}):
        with pytest.raises(RequestFailed) as failure:
            read(endpoints.api_keys, (200, report({"id": "apikey_1", "principal": principal})))
        assert "Ada" not in str(failure.value)


def test_a_service_accounts_name_is_a_pseudonym_and_its_hints(load: Load) -> None:
    account = {"id": "svac_1", "name": "ada-lovelace-ci", "description": "of Ada", "organization_role": "developer"}
    (row,) = load(endpoints.service_accounts, report(account))["service_accounts"]
    assert (row["name_key"], row["name_hints"]) == (KEYS.key("anthropic_api_key_name", "ada-lovelace-ci"), "ci")
    assert not any("ada" in str(value).lower() for value in row.values())


def test_tags_of_a_workspace_name_nobody(load: Load) -> None:
    personal = ("owner", "tech-contact", "Members", "cost_holder", "requested_by", "requested-by", "user", "author")
    tags = {
        **dict.fromkeys(personal, "Ada"),
        **{"team": "data", "escalation": "Ada@Example.com", "ada@example.com": "x", "nested": {"a": "Ada"}, "tier": 1},
    }
    (row,) = load(endpoints.workspaces, report({"id": "wrkspc_1", "name": "w", "tags": tags}))["workspaces"]
    withheld = dict.fromkeys((*personal, "escalation", "nested"), "withheld")
    assert json.loads(row["tags"]) == {**withheld, "team": "data", "tier": 1}
    for odd in (["Ada"], "Ada", None):
        (row,) = load(endpoints.workspaces, report({"id": "wrkspc_1", "name": "w", "tags": odd}))["workspaces"]
        assert row["tags"] in (None, "null")


def test_a_spend_limit_of_null_is_unlimited_and_zero_is_included_use_only(load: Load) -> None:
    limits = [{"actor": ADA, "amount": amount, "period_to_date_spend": "12050.5"} for amount in ("50000", None, "0")]
    rows = load(endpoints.spend_limits, {"data": limits, "next_page": None}, scope="enterprise")["spend_limits"]
    assert [row["limit_cents"] for row in rows] == [Decimal(50000), None, Decimal(0)]
    assert rows[0]["period_to_date_cents"] == Decimal("12050.5")


def test_costs_without_a_model_have_none(load: Load) -> None:
    result = {"amount": "5", "currency": "USD", "description": "Code Execution Usage", "cost_type": "code_execution"}
    (row,) = load(cost_report, bucket({**result, "model": None, "token_type": None}))["cost_report"]
    assert (row["model"], row["cost_type"], row["amount_cents"]) == (None, "code_execution", Decimal(5))
