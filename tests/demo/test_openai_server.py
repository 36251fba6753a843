"""The server speaks OpenAI's organisation API and Codex Enterprise Analytics with their quirks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests

from demo import constants as c
from demo import openai_accounts as a
from demo.company import Company
from demo.openai_costs import costs
from demo.openai_faults import OpenaiFaults
from demo.openai_records import ENDPOINTS
from demo.openai_server import ADMIN_KEY, CODEX_KEY, OpenaiServer, settings
from demo.openai_use import IDLE_DAY, IDLE_ROW_DAY, OpenaiUse, build_openai_use

DAY = date(2026, 10, 14)
CODEX = f"/v1/analytics/codex/workspaces/{a.WORKSPACE}/usage"
Json = dict[str, Any]

BUCKET = {"object", "start_time", "end_time", "results"}
PAGE = {"object", "data", "has_more", "next_page"}
WHO = {"project_id", "user_id", "api_key_id"}
FIELDS = {
    "completions": {
        *("input_tokens", "input_cached_tokens", "input_cache_write_tokens", "input_uncached_tokens", "output_tokens"),
        *("input_text_tokens", "output_text_tokens", "input_cached_text_tokens"),
        *("input_audio_tokens", "input_cached_audio_tokens", "output_audio_tokens"),
        *("input_image_tokens", "input_cached_image_tokens", "output_image_tokens"),
        *("num_model_requests", "model", "batch", "service_tier", *WHO),
    },
    "embeddings": {"input_tokens", "num_model_requests", "model", *WHO},
    "moderations": {"input_tokens", "num_model_requests", "model", *WHO},
    "images": {"images", "num_model_requests", "size", "source", "model", *WHO},
    "audio_speeches": {"characters", "num_model_requests", "model", *WHO},
    "audio_transcriptions": {"seconds", "num_model_requests", "model", *WHO},
    "vector_stores": {"usage_bytes", "project_id"},
    "code_interpreter_sessions": {"num_sessions", "project_id"},
    "file_search_calls": {"num_requests", "vector_store_id", *WHO},
    "web_search_calls": {"num_model_requests", "num_requests", "context_level", "model", *WHO},
}
CODEX_TOKENS = {
    *("uncached_text_input_tokens", "cached_text_input_tokens", "text_output_tokens", "text_total_tokens"),
}


def second(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


@dataclass
class Client:
    """A client without manners: no retries, no waiting."""

    server: OpenaiServer

    def get(self, path: str, *query: tuple[str, object], key: str | None = ADMIN_KEY) -> requests.Response:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        session = requests.Session()
        session.trust_env = False
        parameters = [(name, str(value)) for name, value in query]
        return session.get(f"{self.server.url}{path}", params=parameters, headers=headers, timeout=10)

    def json(self, path: str, *query: tuple[str, object], key: str = ADMIN_KEY) -> Json:
        answer = self.get(path, *query, key=key)
        assert answer.status_code == 200, answer.text
        told: Json = json.loads(answer.text, parse_float=Decimal)
        return told

    def buckets(self, path: str, first: date, last: date, *query: tuple[str, object]) -> list[Json]:
        found: list[Json] = []
        page: tuple[tuple[str, object], ...] = ()
        while True:
            limits = ("start_time", second(first)), ("end_time", second(last + timedelta(days=1))), ("limit", 31)
            told = self.json(f"/v1/organization/{path}", *limits, *query, *page)
            found += told["data"]
            if not told["has_more"]:
                assert told["next_page"] is None
                return found
            page = (("page", told["next_page"]),)

    def items(self, path: str, *query: tuple[str, object], limit: int = 4) -> list[Json]:
        found: list[Json] = []
        while True:
            after = (("after", found[-1]["id"]),) if found else ()
            told = self.json(f"/v1/organization/{path}", ("limit", limit), *query, *after)
            assert told["object"] == "list"
            found += told["data"]
            assert (told["first_id"], told["last_id"]) == (told["data"][0]["id"], told["data"][-1]["id"])
            if not told["has_more"]:
                return found


Serve = Callable[..., Client]


@pytest.fixture(scope="module")
def use(company: Company) -> OpenaiUse:
    return build_openai_use(company)


@pytest.fixture(scope="module")
def openai(company: Company) -> Iterator[Client]:
    with OpenaiServer(company) as server:
        yield Client(server)


@pytest.fixture
def serve_openai(company: Company) -> Iterator[Serve]:
    with ExitStack() as stack:

        def start(as_of: date = c.AS_OF, **faults: Any) -> Client:
            return Client(stack.enter_context(OpenaiServer(company, as_of, OpenaiFaults(**faults))))

        yield start


def groups(name: str) -> list[tuple[str, object]]:
    return [("group_by[]", group) for group in ENDPOINTS[name].groups]


@pytest.mark.parametrize("name", ENDPOINTS)
def test_usage_has_the_documented_fields(openai: Client, name: str) -> None:
    told = openai.buckets(f"usage/{name}", c.FIRST_DAY, c.LAST_DAY)
    assert [bucket["start_time"] for bucket in told] == [second(day) for day in c.DAYS]
    assert all(bucket.keys() == BUCKET and bucket["object"] == "bucket" for bucket in told)
    results = [result for bucket in told for result in bucket["results"]]
    words = {"file_search_calls": "file_searches", "web_search_calls": "web_searches"}
    assert {result["object"] for result in results} == {f"organization.usage.{words.get(name, name)}.result"}
    assert max(results, key=len).keys() == {"object", *FIELDS[name]}
    ungrouped = {"model", "batch", "service_tier", "size", "source", "vector_store_id", "context_level", *WHO}
    assert all(result.get(field) is None for result in results for field in ungrouped)
    assert max(len(bucket["results"]) for bucket in told) == 1


@pytest.mark.parametrize("name", ENDPOINTS)
def test_grouped_usage_is_the_model(openai: Client, use: OpenaiUse, name: str) -> None:
    told = openai.buckets(f"usage/{name}", c.FIRST_DAY, c.LAST_DAY, *groups(name))
    counts = ENDPOINTS[name].counts
    for day, bucket in zip(c.DAYS, told, strict=True):
        rows = [row for row in use.final[day] if row.endpoint == name]
        assert [tuple(result.get(group) for group in ENDPOINTS[name].groups) for result in bucket["results"]] == [
            tuple(row.group(group) for group in ENDPOINTS[name].groups) for row in rows
        ]
        if counts != "tokens":
            assert [result[counts] for result in bucket["results"]] == [row.amount for row in rows]
            continue
        for result, row in zip(bucket["results"], rows, strict=True):
            assert row.tokens
            cached, written = result.get("input_cached_tokens", 0), result.get("input_cache_write_tokens", 0)
            assert result["input_tokens"] - cached - written == row.tokens.by_type["input_uncached"]
            assert result.get("output_tokens", 0) == row.tokens.by_type["output"]
            assert (cached, written) == (row.tokens.by_type["cache_read"], row.tokens.by_type["cache_write"])


def test_input_contains_what_was_cached_and_written(openai: Client) -> None:
    told = openai.buckets("usage/completions", DAY, DAY, *groups("completions"))[0]["results"]
    full = [result for result in told if "input_uncached_tokens" in result]
    assert any(result["input_cache_write_tokens"] and result["input_cached_tokens"] for result in full)
    for result in full:
        kinds = ("input_uncached_tokens", "input_cached_tokens", "input_cache_write_tokens")
        assert result["input_tokens"] == sum(result[kind] for kind in kinds)
        for whole, start in (
            ("input_uncached_tokens", "input"),
            ("input_cached_tokens", "input_cached"),
            ("output_tokens", "output"),
        ):
            assert result[whole] == sum(result[f"{start}_{medium}_tokens"] for medium in ("text", "audio", "image"))


def test_sparse_rows(openai: Client) -> None:
    told = openai.buckets("usage/completions", c.FIRST_DAY, c.LAST_DAY, *groups("completions"))
    sparse = [row for bucket in told for row in bucket["results"] if "input_uncached_tokens" not in row]
    assert sparse
    required = {"object", "input_tokens", "output_tokens", "num_model_requests"}
    assert all(
        required <= row.keys() <= required | {"input_cached_tokens", *WHO, "model", "batch", "service_tier"}
        for row in sparse
    )
    assert any("api_key_id" not in row for row in sparse)


def test_idle_days(openai: Client) -> None:
    empty, zeros = openai.buckets("usage/completions", IDLE_DAY, IDLE_ROW_DAY, *groups("completions"))
    assert empty["results"] == []
    (row,) = zeros["results"]
    assert (row["model"], row["service_tier"], row["api_key_id"], row["batch"]) == ("", "", "", False)
    assert row["input_tokens"] == row["output_tokens"] == row["num_model_requests"] == 0
    assert all(bucket["results"] == [] for bucket in openai.buckets("costs", IDLE_DAY, IDLE_ROW_DAY))


@pytest.mark.parametrize("brackets", ["", "[]"])
def test_groups_with_and_without_brackets(openai: Client, brackets: str) -> None:
    query = [(f"group_by{brackets}", "project_id"), (f"group_by{brackets}", "model")]
    rows = openai.buckets("usage/completions", DAY, DAY, *query)[0]["results"]
    assert len({(row["project_id"], row["model"]) for row in rows}) == len(rows) > 5
    assert all(row.get("api_key_id") is None for row in rows)


def test_filters(openai: Client) -> None:
    key = ("api_key_ids", a.PRICING_KEY.key_id)
    rows = openai.buckets("usage/completions", DAY, DAY, key, ("batch", "true"), *groups("completions"))[0]["results"]
    assert {(row["api_key_id"], row["batch"]) for row in rows} == {(a.PRICING_KEY.key_id, True)}


def test_costs(openai: Client, use: OpenaiUse) -> None:
    query = [("group_by", group) for group in ("project_id", "line_item", "api_key_id")]
    told = openai.buckets("costs", c.FIRST_DAY, c.LAST_DAY, *query)
    values = []
    for day, bucket in zip(c.DAYS, told, strict=True):
        lines = costs(day, use.final[day])
        results = bucket["results"]
        assert all(
            result.keys() == {"object", "amount", "line_item", "project_id", "api_key_id", "quantity", "quantity_unit"}
            for result in results
        )
        assert [
            (row["project_id"], row["api_key_id"], row["line_item"], Decimal(row["amount"]["value"])) for row in results
        ] == [(line.project_id, line.api_key_id, line.line_item, line.amount) for line in lines]
        values += [row["amount"]["value"] for row in results]
    assert {type(value) for value in values} >= {Decimal, str}
    assert min(Decimal(value) for value in values) == -25


def test_ungrouped_costs_are_one_sum(openai: Client, use: OpenaiUse) -> None:
    (row,) = openai.buckets("costs", DAY, DAY)[0]["results"]
    assert Decimal(row["amount"]["value"]) == sum(line.amount for line in costs(DAY, use.final[DAY]))
    assert {row[name] for name in ("project_id", "line_item", "api_key_id", "quantity", "quantity_unit")} == {None}


@pytest.mark.parametrize(("path", "most"), [("costs", 180), ("usage/completions", 31)])
def test_buckets_in_pages(openai: Client, path: str, most: int) -> None:
    start = ("start_time", second(c.FIRST_DAY))
    told = openai.json(f"/v1/organization/{path}", start)
    assert told.keys() == PAGE
    assert (told["object"], len(told["data"]), told["has_more"]) == ("page", 7, True)
    assert openai.get(f"/v1/organization/{path}", start, ("limit", most)).status_code == 200
    assert openai.get(f"/v1/organization/{path}", start, ("limit", most + 1)).status_code == 400
    other_query = ("limit", 5), ("page", told["next_page"])
    assert openai.get(f"/v1/organization/{path}", start, *other_query).status_code == 400


def test_end_is_exclusive(openai: Client) -> None:
    window = ("start_time", second(DAY)), ("end_time", second(DAY + timedelta(days=1)))
    (bucket,) = openai.json("/v1/organization/costs", *window)["data"]
    assert (bucket["start_time"], bucket["end_time"]) == (second(DAY), second(DAY + timedelta(days=1)))


def test_today_is_told_in_part(serve_openai: Serve, openai: Client) -> None:
    first = serve_openai(c.FIRST_AS_OF)
    (part,) = first.buckets("usage/completions", c.FIRST_AS_OF, c.FIRST_AS_OF)
    (whole,) = openai.buckets("usage/completions", c.FIRST_AS_OF, c.FIRST_AS_OF)
    assert part["results"][0]["input_tokens"] < whole["results"][0]["input_tokens"]


def test_as_of_moves(serve_openai: Serve) -> None:
    client = serve_openai(c.FIRST_AS_OF)
    (before,) = client.buckets("usage/completions", c.RESTATED_DAY, c.RESTATED_DAY)
    client.server.as_of = c.AS_OF
    (after,) = client.buckets("usage/completions", c.RESTATED_DAY, c.RESTATED_DAY)
    assert before["results"][0]["num_model_requests"] < after["results"][0]["num_model_requests"]


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("costs", {}),
        ("costs", {"start_time": "2026-10-14"}),
        ("costs", {"start_time": 1, "bucket_width": "1h"}),
        ("costs", {"start_time": 1, "group_by": "model"}),
        ("costs", {"start_time": 1, "group_by": "user_id"}),
        ("costs", {"start_time": 9, "end_time": 9}),
        ("costs", {"start_time": 1, "page": "page_nonsense"}),
        ("usage/vector_stores", {"start_time": 1, "group_by[]": "api_key_id"}),
        ("users", {"limit": 101}),
        ("users", {"after": "nobody"}),
    ],
)
def test_bad_requests(openai: Client, path: str, query: Json) -> None:
    answer = openai.get(f"/v1/organization/{path}", *query.items())
    assert answer.status_code == 400
    assert answer.json()["error"].keys() == {"message", "type", "param", "code"}


@pytest.mark.parametrize(
    "path", ["/v1/organizations/costs", "/v1/organization/usage/nothing", "/v1/organization/projects/proj_x/api_keys"]
)
def test_not_found(openai: Client, path: str) -> None:
    assert openai.get(path).status_code == 404


@pytest.mark.parametrize(
    ("key", "status"), [(None, 401), ("sk-admin-other", 401), ("sk-proj-demo", 403), (CODEX_KEY, 403)]
)
def test_the_admin_key_is_needed(openai: Client, key: str | None, status: int) -> None:
    assert openai.get("/v1/organization/users", key=key).status_code == status


def test_projects(openai: Client) -> None:
    active = openai.items("projects", limit=3)
    everything = openai.items("projects", ("include_archived", "true"), limit=3)
    assert {project["id"] for project in everything} - {project["id"] for project in active} == {a.PILOT.project_id}
    fields = {"id", "object", "name", "created_at", "archived_at", "status", "external_key_id"}
    assert all(project.keys() == fields for project in everything)


def test_archived_project_was_active_before(serve_openai: Serve) -> None:
    client = serve_openai(date(2026, 8, 1))
    assert a.PILOT.project_id in {project["id"] for project in client.items("projects")}


def test_project_api_keys(openai: Client) -> None:
    path = f"projects/{a.SUPPORT.project_id}/api_keys"
    listed = {key["id"] for key in openai.items(path)}
    keys = openai.items(path, ("owner_project_access", "any"), limit=2)
    assert {key["id"] for key in keys} - listed == {a.VOICE_KEY.key_id}
    fields = {"object", "redacted_value", "name", "created_at", "last_used_at", "id", "owner_project_access", "owner"}
    assert all(key.keys() == fields for key in keys)
    assert {key["owner"]["type"] for key in keys} == {"service_account"}
    research = openai.items(f"projects/{a.RESEARCH.project_id}/api_keys")
    assert {key["owner"]["user"]["id"] for key in research} == {a.user_id(1), a.user_id(10)}
    assert any(key["last_used_at"] is None for key in research)


def test_all_keys_are_found(openai: Client) -> None:
    anyone = ("owner_project_access", "any")
    found = {key["id"] for p in a.PROJECTS for key in openai.items(f"projects/{p.project_id}/api_keys", anyone)}
    assert found == {key.key_id for key in a.KEYS}


def test_service_accounts_and_users(openai: Client) -> None:
    (machine,) = openai.items(f"projects/{a.CODEX.project_id}/service_accounts")
    assert machine.keys() == {"object", "id", "name", "role", "created_at"}
    members = openai.items(f"projects/{a.RESEARCH.project_id}/users")
    assert all(user.keys() == {"object", "id", "name", "email", "role", "added_at"} for user in members)
    users = openai.items("users")
    assert len(users) == 16
    assert [user["email"] for user in users if user["is_service_account"]] == [None]
    assert a.REMOVED_USER_ID not in {user["id"] for user in users}
    admin = openai.items("admin_api_keys")
    assert {key["owner"]["type"] for key in admin} == {"user"}


def codex_rows(client: Client, first: date, last: date) -> list[Json]:
    found: list[Json] = []
    page: tuple[tuple[str, object], ...] = ()
    while True:
        limits = ("start_time", second(first)), ("end_time", second(last + timedelta(days=1))), ("group_by", "day")
        told = client.json(CODEX, *limits, *page, key=CODEX_KEY)
        found += told["data"]
        if not told["has_more"]:
            return found
        page = (("page", told["next_page"]),)


def test_codex(openai: Client, use: OpenaiUse) -> None:
    rows = codex_rows(openai, a.CODEX_FIRST_DAY, c.LAST_DAY)
    model = [row for day in c.DAYS for row in use.codex_final[day]]
    assert [(row["start_time"], row["user_id"], row["totals"]["credits"]) for row in rows] == [
        (second(row.day), row.user_id, row.credits) for row in model
    ]
    counts = {"threads", "turns", "credits"}
    for row in rows:
        assert row.keys() == {
            *("object", "start_time", "end_time", "user_id", "actor", "totals"),
            *("clients", "models", "code_attribution"),
        }
        assert row["actor"].keys() == {"type", "user_id", "email"}
        assert row["totals"].keys() == counts | CODEX_TOKENS
        assert sum(client["credits"] for client in row["clients"]) == row["totals"]["credits"]
        if row["models"] is None:
            assert row["actor"]["email"] is None
            assert {row["totals"][name] for name in CODEX_TOKENS} == {None}
            continue
        for name in (*CODEX_TOKENS, "credits"):
            assert sum(each[name] for each in row["models"]) == row["totals"][name]
            assert sum(each[name] for each in row["clients"]) == row["totals"][name]
    assert {client["client_id"] for row in rows for client in row["clients"]} == {"CODEX_WEB", "CODEX_CLI"}
    lines = [(row["code_attribution"] or {}).get("lines_of_code", {}).get("added") for row in rows]
    assert lines == [row.lines_added for row in model]


def test_codex_looks_back_ninety_days(openai: Client) -> None:
    oldest = c.AS_OF - timedelta(days=90)
    assert openai.get(CODEX, ("start_time", second(oldest)), key=CODEX_KEY).status_code == 200
    assert openai.get(CODEX, ("start_time", second(oldest) - 1), key=CODEX_KEY).status_code == 400


def test_codex_has_a_key_of_its_own(openai: Client) -> None:
    assert openai.get(CODEX, ("start_time", second(DAY)), key=ADMIN_KEY).status_code == 401
    assert openai.get(CODEX.replace(a.WORKSPACE, "ws-other"), key=CODEX_KEY).status_code == 404


def test_missing_scope(serve_openai: Serve) -> None:
    client = serve_openai(codex_scope_missing=True)
    answer = client.get(CODEX, ("start_time", second(DAY)), key=CODEX_KEY)
    assert answer.status_code == 403
    assert "codex.enterprise.analytics.read" in answer.json()["error"]["message"]
    assert client.get("/v1/organization/users").status_code == 200


@pytest.mark.parametrize("without", [False, True])
def test_limit(serve_openai: Serve, without: bool) -> None:
    client = serve_openai(limit_after=2, limit_without_retry_after=without)
    answers = [client.get("/v1/organization/users") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 200]
    assert answers[2].headers.get("retry-after") == (None if without else "1")


def test_server_errors(serve_openai: Serve) -> None:
    client = serve_openai(server_errors=2)
    assert [client.get("/v1/organization/users").status_code for _ in range(3)] == [500, 500, 200]


def test_lost_cursor(serve_openai: Serve) -> None:
    client = serve_openai(lost_cursor=frozenset({"costs"}))
    told = client.json("/v1/organization/costs", ("start_time", second(DAY)))
    assert (told["has_more"], told["next_page"]) == (True, None)
    assert not client.json("/v1/organization/usage/images", ("start_time", second(DAY)))["has_more"]


@pytest.mark.parametrize(("name", "path"), [("costs", "/v1/organization/costs"), ("codex", CODEX)])
def test_repeated_cursor(serve_openai: Serve, name: str, path: str) -> None:
    client = serve_openai(repeated_cursor=frozenset({name}))
    key = CODEX_KEY if name == "codex" else ADMIN_KEY
    start = ("start_time", second(DAY))
    first = client.json(path, start, key=key)
    second_page = client.json(path, start, ("page", first["next_page"]), key=key)
    assert first["has_more"]
    assert second_page["next_page"] == first["next_page"]


def test_settings(openai: Client) -> None:
    told = settings(openai.server.url)
    assert told.keys() == {
        f"SOURCES__OPENAI__{name}"
        for name in (
            *("API_URL", "ADMIN_KEY", "ORGANIZATION"),
            *("CODEX_API_URL", "CODEX_KEY", "CODEX_WORKSPACE", "REQUESTS_PER_MINUTE"),
        )
    }
