"""What is asked of Anthropic and what its answers mean: every documented quirk of a request or an answer's frame."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any, cast

import pytest
from requests.structures import CaseInsensitiveDict

from dlt_pipelines.anthropic import endpoints
from dlt_pipelines.anthropic.endpoints import Reader
from dlt_pipelines.errors import PermissionMissing, RequestFailed, TokenRefused
from dlt_pipelines.fetched import Asked
from dlt_pipelines.http import Answer, ApiClient
from dlt_pipelines.paged_extraction import Endpoint, NamedAccount
from dlt_pipelines.pages import NotThereYet, WindowMoved
from tests.dlt_pipelines.anthropic_bench import problem, read

DAY = date(2026, 10, 10)
EMPTY = {"data": [], "has_more": False, "next_page": None}
MORE = {"data": [], "has_more": True, "next_page": "page_2"}

always = lambda _: True  # noqa: E731
messages_usage = partial(endpoints.messages_usage, asks_for=always)
cost_report = partial(endpoints.cost_report, asks_for=always)
user_usage = partial(endpoints.user_usage, asks_for=always)
user_cost = partial(endpoints.user_cost, asks_for=always)

DATED: list[Any] = [
    *(endpoints.analytics_usage, endpoints.analytics_cost, messages_usage, cost_report, user_usage, user_cost),
    *(endpoints.claude_code, endpoints.users_activity, endpoints.summaries),
]
BUCKET = {"starting_at": "2026-10-10T00:00:00Z", "ending_at": "2026-10-11T00:00:00Z", "results": []}


def test_analytics_are_asked_for_one_closed_utc_day_by_at_most_five_dimensions() -> None:
    for endpoint in (endpoints.analytics_usage, endpoints.analytics_cost):
        ((_, parameters, _),) = read(endpoint, (200, EMPTY)).asked
        assert parameters["starting_at"] == "2026-10-10T00:00:00Z"
        assert parameters["ending_at"] == "2026-10-11T00:00:00Z"
        assert parameters["time_bucket_width"] == "1d"
        assert parameters["limit"] == 1000
        assert len(set(parameters["group_by[]"]) - {"cost_type", "token_type"}) == 5
        assert "rbac_group_id" not in parameters["group_by[]"]


def test_the_beta_header_goes_only_where_it_is_needed() -> None:
    wanted = {
        "/v1/organizations/analytics/usage": "analytics-usage-cost-2026-08-24",
        "/v1/organizations/analytics/cost": "analytics-usage-cost-2026-08-24",
        "/v1/organizations/usage_report/messages": "fast-mode-2026-02-01",
    }
    for endpoint in DATED:
        ((path, _, headers),) = read(endpoint, (200, EMPTY)).asked
        assert (headers or {}).get("anthropic-beta") == wanted.pop(path, None)
    assert not wanted


def test_the_older_reports_are_asked_for_one_bucket_though_grouped_by_everything() -> None:
    ((_, parameters, _),) = read(messages_usage, (200, {**EMPTY, "data": [BUCKET]})).asked
    assert parameters["limit"] <= 7
    assert len(parameters["group_by[]"]) == 9
    ((_, parameters, _),) = read(cost_report, (200, {**EMPTY, "data": [BUCKET]})).asked
    assert parameters["limit"] <= 7
    assert set(parameters["group_by[]"]) == {"workspace_id", "description"}


def test_the_claude_code_report_is_asked_by_a_day_without_time() -> None:
    ((_, parameters, _),) = read(endpoints.claude_code, (200, EMPTY)).asked
    assert parameters == {"starting_at": "2026-10-10", "limit": 1000}


def test_a_cursor_keeps_all_other_parameters() -> None:
    asked = read(endpoints.analytics_cost, (200, MORE), (200, EMPTY)).asked
    (_, first, _), (_, second, _) = asked
    assert second == {**first, "page": "page_2"}


@pytest.mark.parametrize("status", [400, 410])
@pytest.mark.parametrize("endpoint", DATED)
def test_a_cursor_that_is_refused_or_has_expired_means_reading_again_from_page_one(
    endpoint: Callable[[Reader], Endpoint], status: int
) -> None:
    with pytest.raises(WindowMoved):
        read(endpoint, (200, MORE), (status, problem("page: the cursor has expired")))


@pytest.mark.parametrize("endpoint", [endpoints.users_activity, endpoints.summaries])
def test_a_400_that_names_the_latest_available_day_means_not_there_yet_in_the_vendors_words(
    endpoint: Callable[[Reader], Endpoint],
) -> None:
    told = "Data for 2026-10-10 is not available yet. The latest available day is 2026-10-08."
    with pytest.raises(NotThereYet, match="latest available day is 2026-10-08"):
        read(endpoint, (400, problem(told)), scope="enterprise")


def test_a_400_that_names_a_later_day_is_a_failure() -> None:
    told = "starting_at: must be within the last 365 days and no earlier than 2026-10-12T00:00:00Z or 2026-10-12"
    with pytest.raises(RequestFailed, match="400 starting_at"):
        read(endpoints.analytics_cost, (400, problem(told)))


def test_a_400_that_names_the_first_day_of_all_is_a_failure() -> None:
    with pytest.raises(RequestFailed):
        read(endpoints.users_activity, (400, problem("date: must not be before 2026-01-01")), scope="enterprise")


def test_a_cost_report_refused_for_a_young_day_is_one_that_is_not_closed_yet() -> None:
    told = problem("ending_at: the range must contain complete days only")
    with pytest.raises(NotThereYet):
        read(cost_report, (400, told), today=date(2026, 10, 11))
    with pytest.raises(RequestFailed):
        read(cost_report, (400, told), today=date(2026, 10, 20))


def test_data_that_are_complete_only_up_to_within_the_day_are_not_there_yet() -> None:
    for endpoint in (endpoints.analytics_usage, endpoints.analytics_cost, user_usage, user_cost):
        with pytest.raises(NotThereYet, match="complete up to 2026-10-10T22:00:00Z only"):
            read(endpoint, (200, {**EMPTY, "data_refreshed_at": "2026-10-10T22:00:00Z"}))
        assert read(endpoint, (200, {**EMPTY, "data_refreshed_at": "2026-10-11T04:00:00Z"})).records == []
        assert read(endpoint, (200, {**EMPTY, "data_refreshed_at": None})).records == []


def test_the_loader_records_what_it_grouped_by_and_the_watermark() -> None:
    row = {"starting_at": "2026-10-10T00:00:00Z", "group": {}, "usage": {}}
    answer = {**MORE, "data": [row], "data_refreshed_at": "2026-10-12T08:00:00Z"}
    later = {**EMPTY, "data": [row], "data_refreshed_at": "2026-10-12T09:00:00Z"}
    found = read(endpoints.analytics_usage, (200, answer), (200, later))
    assert found.pages[0].context == {
        "grouped_by": "actor,api_key_id,inference_geo,model,product",
        "data_refreshed_at": "2026-10-12T08:00:00Z",
    }
    # A refresh between two pages that the vendor's cursor survives does not make two reports of one.
    assert found.pages[1].context == found.pages[0].context


def test_an_empty_bucket_is_a_day_without_use() -> None:
    assert read(messages_usage, (200, {**EMPTY, "data": [BUCKET]})).records == []


def test_a_bucket_of_another_day_is_refused() -> None:
    other = {**BUCKET, "starting_at": "2026-10-09T00:00:00Z", "results": [{"amount": "1"}]}
    with pytest.raises(RequestFailed, match="another day"):
        read(cost_report, (200, {**EMPTY, "data": [other]}))


LISTED: list[Any] = [
    *(*DATED, endpoints.api_keys, endpoints.workspaces, endpoints.users, endpoints.workspace_members),
    *(endpoints.service_accounts, endpoints.spend_limits),
]


@pytest.mark.parametrize("answer", [{}, {"error": "x"}, {"data": None, "summaries": None, "has_more": False}])
@pytest.mark.parametrize("endpoint", LISTED)
def test_an_answer_without_its_list_is_a_failure_and_no_day_without_use(
    endpoint: Callable[[Reader], Endpoint], answer: dict[str, Any]
) -> None:
    with pytest.raises(RequestFailed, match=r"an answer without (data|summaries)"):
        read(endpoint, (200, answer))


def test_an_empty_body_is_a_failure_and_no_day_without_use() -> None:
    asked = Asked(NamedAccount("console", "sample"), endpoints.analytics_cost(cast(Reader, None)), DAY)
    accept = Reader(cast(ApiClient, None), DAY).accepting(asked)
    with pytest.raises(RequestFailed, match="an answer without data"):
        accept(Answer(200, CaseInsensitiveDict(), None, "/"))


def test_a_bucket_without_results_is_a_failure() -> None:
    bucket = {"starting_at": BUCKET["starting_at"], "ending_at": BUCKET["ending_at"]}
    with pytest.raises(RequestFailed, match="an answer without results"):
        read(messages_usage, (200, {**EMPTY, "data": [bucket]}))


def test_members_of_a_workspace_without_an_id_are_a_failure() -> None:
    with pytest.raises(RequestFailed, match="has no id"):
        read(endpoints.workspace_members, (200, {"data": [{"name": "Ada"}], "has_more": False}))


def test_more_pages_without_a_cursor_are_a_failure() -> None:
    with pytest.raises(RequestFailed, match="more but not where"):
        read(endpoints.analytics_cost, (200, {**EMPTY, "has_more": True}))


def test_enterprise_lists_end_without_has_more() -> None:
    answers = [(200, {"data": [{"user": {"id": "a"}}], "next_page": "p2"}), (200, {"data": [], "next_page": None})]
    assert len(read(endpoints.users_activity, *answers, scope="enterprise").records) == 1


def test_lists_end_at_has_more_for_the_last_page_has_a_last_id_too() -> None:
    first = {"data": [{"id": "a"}], "first_id": "a", "last_id": "a", "has_more": True}
    second = {"data": [{"id": "b"}], "first_id": "b", "last_id": "b", "has_more": False}
    found = read(endpoints.users, (200, first), (200, second))
    assert [record["id"] for record in found.records] == ["a", "b"]
    assert [parameters.get("after_id") for _, parameters, _ in found.asked] == [None, "a"]


def test_archived_workspaces_are_listed_too() -> None:
    found = read(endpoints.workspaces, (200, {"data": [], "has_more": False}))
    assert found.asked[0][1]["include_archived"] == "true"


def test_members_are_read_for_every_workspace_in_use() -> None:
    listed = {"data": [{"id": "wrkspc_1"}, {"id": "wrkspc_2"}], "has_more": False, "last_id": "wrkspc_2"}
    members = {"data": [{"user_id": "u", "workspace_id": "wrkspc_1"}], "has_more": False, "last_id": "u"}
    found = read(endpoints.workspace_members, (200, listed), (200, members), (200, {"data": [], "has_more": False}))
    assert [path for path, _, _ in found.asked[1:]] == [
        "/v1/organizations/workspaces/wrkspc_1/members",
        "/v1/organizations/workspaces/wrkspc_2/members",
    ]
    assert len(found.records) == 1


def test_summaries_take_their_own_day_only() -> None:
    days = [{"starting_at": f"2026-10-{day}T00:00:00Z", "assigned_seat_count": day} for day in (10, 11)]
    found = read(endpoints.summaries, (200, {"summaries": days}), scope="enterprise")
    assert [record["assigned_seat_count"] for record in found.records] == [10]


@pytest.mark.parametrize("status", [401, 403, 404])
def test_service_accounts_that_need_oauth_are_a_note_and_no_problem(status: int) -> None:
    with pytest.raises(NotThereYet, match="OAuth"):
        read(endpoints.service_accounts, (status, problem("no")))


@pytest.mark.parametrize("status", [403, 404])
def test_spend_limits_without_their_scope_are_a_note_and_no_problem(status: int) -> None:
    with pytest.raises(NotThereYet, match="read:spend_limits"):
        read(endpoints.spend_limits, (status, problem("no")), scope="enterprise")


@pytest.mark.parametrize("status", [403, 404])
def test_a_refusal_names_the_scope_in_the_vendors_words(status: int) -> None:
    with pytest.raises(PermissionMissing, match="read:analytics"):
        read(endpoints.users_activity, (status, problem("no")), scope="enterprise")
    with pytest.raises(PermissionMissing, match="sk-ant-admin01"):
        read(endpoints.users, (status, problem("no")))


def test_a_key_that_is_not_accepted_says_so() -> None:
    with pytest.raises(TokenRefused, match="invalid x-api-key"):
        read(endpoints.claude_code, (401, problem("invalid x-api-key")))


def test_unknown_fields_of_an_answer_are_told() -> None:
    found = read(endpoints.claude_code, (200, {**EMPTY, "brand_new": 1}))
    assert found.pages[0].unknown_fields == {"brand_new"}


@pytest.mark.parametrize("amount", [12.5, "12,5", "amount", "NaN", "1e40"])
def test_an_amount_that_is_no_decimal_in_a_string_stops_the_report(amount: Any) -> None:
    row = {"starting_at": "2026-10-10T00:00:00Z", "group": {}, "cost": {"amount": "1", "list_amount": amount}}
    with pytest.raises(RequestFailed, match="decimal number in a string"):
        read(endpoints.analytics_cost, (200, {**EMPTY, "data": [row]}))
