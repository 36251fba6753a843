"""OpenAI's documented quirks, one by one, against a stand-in."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from demo.local_server import Request, Response
from dlt_pipelines.errors import ConfigurationError, ExitCode, PermissionMissing, RequestFailed, TokenRefused
from dlt_pipelines.identifiers import Pseudonymizer
from dlt_pipelines.openai import checks, is_configured, load_settings
from dlt_pipelines.openai.records import USAGE_GROUPS
from tests.dlt_pipelines.openai_stub import (
    ADMIN_KEY,
    AS_OF,
    CODEX,
    CODEX_KEY,
    COSTS,
    DAY,
    KEY,
    PROJECTS,
    USAGE,
    Answer,
    Json,
    OpenaiBench,
    Stub,
    bucket,
    listed,
    page,
    point_at,
    refused,
    seconds,
    use_codex,
)

ONE_DAY = timedelta(days=1)
COMPLETIONS = USAGE + "completions"


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenaiBench]:
    with Stub({}) as server:
        point_at(monkeypatch, tmp_path, server.url)
        yield OpenaiBench(tmp_path, server)


def key(namespace: str, identifier: str) -> str:
    return str(Pseudonymizer(KEY).key(namespace, identifier))  # type: ignore[arg-type]


def cost(value: object, **about: object) -> Json:
    groups = {"line_item": None, "project_id": None, "api_key_id": None}
    return {
        "object": "organization.costs.result",
        "amount": {"value": value, "currency": "usd"},
        **groups,
        "quantity": None,
        "quantity_unit": None,
        **about,
    }


def completion(**about: object) -> Json:
    counts = {"input_tokens": 10, "output_tokens": 2, "num_model_requests": 1}
    return {"object": "organization.usage.completions.result", **counts, **about}


def project(identifier: str, status: str = "active") -> Json:
    return {
        "id": identifier,
        "object": "organization.project",
        "name": f"Project {identifier}",
        "created_at": 1711471533,
        "archived_at": 1711471999 if status == "archived" else None,
        "status": status,
    }


# What is asked.


def test_a_day_is_asked_in_unix_seconds_its_end_exclusive(bench: OpenaiBench) -> None:
    bench.extract()
    for path in (COSTS, *(USAGE + name for name in USAGE_GROUPS)):
        (query,) = bench.server.asked(path)
        assert query["start_time"] == ["1794268800"]  # 2026-11-10T00:00:00Z
        assert query["end_time"] == ["1794355200"]  # 2026-11-11T00:00:00Z
        assert query["bucket_width"] == ["1d"]


def test_array_parameters_have_brackets_and_every_group_is_asked_for(bench: OpenaiBench) -> None:
    bench.extract()
    expected = {
        COSTS: {"project_id", "line_item", "api_key_id"},
        COMPLETIONS: {"project_id", "user_id", "api_key_id", "model", "batch", "service_tier"},
        USAGE + "embeddings": {"project_id", "user_id", "api_key_id", "model"},
        USAGE + "moderations": {"project_id", "user_id", "api_key_id", "model"},
        USAGE + "images": {"project_id", "user_id", "api_key_id", "model", "size", "source"},
        USAGE + "audio_speeches": {"project_id", "user_id", "api_key_id", "model"},
        USAGE + "audio_transcriptions": {"project_id", "user_id", "api_key_id", "model"},
        USAGE + "vector_stores": {"project_id"},
        USAGE + "code_interpreter_sessions": {"project_id"},
        USAGE + "file_search_calls": {"project_id", "user_id", "api_key_id", "vector_store_id"},
        USAGE + "web_search_calls": {"project_id", "user_id", "api_key_id", "model", "context_level"},
    }
    for path, groups in expected.items():
        (query,) = bench.server.asked(path)
        assert set(query["group_by[]"]) == groups, path
        assert "group_by" not in query


def test_the_paths_are_singular_and_only_read(bench: OpenaiBench) -> None:
    bench.extract()
    assert {request.method for request in bench.server.requests} == {"GET"}
    assert all(request.path.startswith("/v1/organization/") for request in bench.server.requests)


def test_only_closed_days_are_asked_for(bench: OpenaiBench) -> None:
    bench.extract(since=AS_OF - ONE_DAY, until=None)
    (query,) = bench.server.asked(COSTS)
    assert query["end_time"] == [str(seconds(AS_OF))]


def test_the_days_of_the_last_three_are_read_on_every_run_and_others_until_they_are_final(bench: OpenaiBench) -> None:
    bench.extract(None, None)
    first = len(bench.server.asked(COSTS))
    bench.extract(None, None)
    assert first == 28
    assert len(bench.server.asked(COSTS)) - first == 3


# Costs.


def test_an_amount_is_a_number_or_a_text_and_never_a_float(bench: OpenaiBench) -> None:
    body = json.dumps(page(bucket([cost("@1"), cost("12.50"), cost("@2"), cost("@3"), cost("@4")])))
    numbers = {'"@1"': "12.5", '"@2"': "1234567890.123456789", '"@3"': "1e-7", '"@4"': "0.13080438340307526044"}
    for mark, number in numbers.items():
        body = body.replace(mark, number)
    bench.server.answers[COSTS] = body
    outcome = bench.extract()
    assert not outcome.problems
    found = bench.rows("select amount_value from raw_openai.costs order by amount_value")
    assert [value for (value,) in found] == [
        Decimal("0.0000001"),
        Decimal("0.130804383"),
        Decimal("12.5"),
        Decimal("12.5"),
        Decimal("1234567890.123456789"),
    ]
    assert {currency for (currency,) in bench.rows("select amount_currency from raw_openai.costs")} == {"usd"}


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-inf", "1_000", "twelve", ""])
def test_an_amount_that_is_no_finite_number_is_refused_and_its_day_is_not_loaded(
    bench: OpenaiBench, value: str
) -> None:
    bench.server.answers[COSTS] = page(bucket([cost(1.5), cost(value)]))
    bench.server.answers[COMPLETIONS] = page(bucket([completion()]))
    outcome = bench.extract()
    (problem,) = outcome.problems
    assert f"costs {DAY}" in str(problem)
    assert outcome.exit_code == ExitCode.FAILED
    assert bench.one("select count(*) from raw_openai.report_loads where report = 'costs' and status = 'loaded'") == 0
    # The other reports are loaded, and costs are asked for again.
    assert bench.one("select count(*) from raw_openai.usage_results") == 1
    bench.server.answers[COSTS] = page(bucket([cost(1.5)]))
    assert not bench.extract().problems
    assert bench.one(f"select sum(amount_value) from {bench.current('costs')}") == Decimal("1.5")


def test_json_that_says_nan_is_no_answer(bench: OpenaiBench) -> None:
    bench.server.answers[COSTS] = json.dumps(page(bucket([cost(float("nan"))])))
    (problem,) = bench.extract().problems
    assert "not JSON" in str(problem)


def test_negative_amounts_and_unknown_line_items_are_kept(bench: OpenaiBench) -> None:
    lines = [cost("-25", line_item="A credit nobody has heard of"), cost(0, line_item="gpt-4o-2024-08-06, Input")]
    bench.server.answers[COSTS] = page(bucket(lines))
    assert not bench.extract().problems
    assert set(bench.rows("select line_item, amount_value from raw_openai.costs")) == {
        ("A credit nobody has heard of", Decimal(-25)),
        ("gpt-4o-2024-08-06, Input", Decimal(0)),
    }


def test_an_amount_that_is_absent_is_unknown_not_zero(bench: OpenaiBench) -> None:
    bench.server.answers[COSTS] = page(bucket([{"object": "organization.costs.result"}, cost(None)]))
    assert not bench.extract().problems
    assert bench.rows("select distinct amount_value from raw_openai.costs") == [(None,)]


def test_what_was_grouped_by_is_recorded(bench: OpenaiBench) -> None:
    bench.server.answers[COSTS] = page(bucket([cost(1)]))
    bench.server.answers[COMPLETIONS] = page(bucket([completion(project_id=None)]))
    bench.server.answers[USAGE + "vector_stores"] = page(bucket([{"usage_bytes": 1024, "project_id": None}]))
    bench.extract()
    assert bench.one("select grouped_by from raw_openai.costs") == "project_id,line_item,api_key_id"
    assert dict(bench.rows("select endpoint, grouped_by from raw_openai.usage_results")) == {
        "completions": "project_id,user_id,api_key_id,model,batch,service_tier",
        "vector_stores": "project_id",
    }


# Usage.


def test_an_idle_day_is_loaded_and_has_no_rows(bench: OpenaiBench) -> None:
    bench.server.answers[COSTS] = page(bucket([]))
    bench.server.answers[COMPLETIONS] = page()
    assert not bench.extract().problems
    loaded = bench.rows(
        "select report, status, rows from raw_openai.report_loads"
        " where report in ('costs', 'usage-completions') and status <> 'backfill_requested'"
    )
    assert sorted(loaded) == [("costs", "loaded", 0), ("usage-completions", "loaded", 0)]


def test_fields_that_are_absent_are_null_not_zero(bench: OpenaiBench) -> None:
    bench.server.answers[COMPLETIONS] = page(bucket([completion(model="gpt-5.2-codex")]))
    assert not bench.extract().problems
    row = bench.rows(
        "select input_tokens, input_cached_tokens, input_uncached_tokens, api_key_id, batch"
        " from raw_openai.usage_results"
    )
    assert row == [(10, None, None, None, None)]


def test_empty_texts_of_idle_rows_are_null(bench: OpenaiBench) -> None:
    idle = completion(project_id="", user_id="", api_key_id="", model="", service_tier="", batch=False, input_tokens=0)
    bench.server.answers[COMPLETIONS] = page(bucket([idle]))
    assert not bench.extract().problems
    row = bench.rows(
        "select project_id, user_key, api_key_id, model, service_tier, batch from raw_openai.usage_results"
    )
    assert row == [(None, None, None, None, None, False)]


def test_counts_above_two_to_the_53_keep_every_digit(bench: OpenaiBench) -> None:
    huge = 2**53 + 1
    bench.server.answers[COMPLETIONS] = page(bucket([completion(input_tokens=huge, output_tokens=2**62 + 3)]))
    bench.server.answers[USAGE + "vector_stores"] = page(bucket([{"usage_bytes": huge, "project_id": "p"}]))
    assert not bench.extract().problems
    assert set(bench.rows("select input_tokens, output_tokens, usage_bytes from raw_openai.usage_results")) == {
        (huge, 2**62 + 3, None),
        (None, None, huge),
    }


def test_unknown_fields_are_kept_and_told_but_no_names(bench: OpenaiBench) -> None:
    new = completion(reasoning_tokens=7, owner_name="Ada Lovelace")
    bench.server.answers[COMPLETIONS] = {**page({**bucket([new]), "zone": "eu"}), "total": 3}
    outcome = bench.extract()
    (warning,) = outcome.warnings
    for name in ("reasoning_tokens", "owner_name", "zone", "total"):
        assert name in warning
    extra = json.loads(bench.one("select extra from raw_openai.usage_results"))
    assert extra == {"reasoning_tokens": 7, "owner_name": "withheld"}


def test_a_known_field_of_another_type_rejects_the_report_and_keeps_its_file(bench: OpenaiBench) -> None:
    bench.server.answers[COMPLETIONS] = page(bucket([completion(input_tokens="many")]))
    outcome = bench.extract()
    (problem,) = outcome.problems
    assert "input_tokens" in str(problem)
    assert outcome.exit_code == ExitCode.REJECTED_DATA
    assert len(list((bench.folder / ".extract" / "w" / "rejected").iterdir())) == 1


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (1700000000, 1700086400),  # no UTC midnights
        (seconds(DAY - ONE_DAY), seconds(DAY)),
        (seconds(DAY), seconds(DAY) + 3600),
        (seconds(DAY), seconds(DAY + 2 * ONE_DAY)),
        (None, None),
    ],
)
def test_a_bucket_that_is_not_the_day_asked_for_is_refused(
    bench: OpenaiBench, start: int | None, end: int | None
) -> None:
    bench.server.answers[COSTS] = page({**bucket([cost(1)]), "start_time": start, "end_time": end})
    (problem,) = bench.extract().problems
    assert "is not the UTC day that was asked for" in str(problem)
    assert bench.one("select count(*) from raw_openai.report_loads where report = 'costs' and status = 'loaded'") == 0


@pytest.mark.parametrize("body", [{"object": "page"}, {"data": [{"start_time": 1794268800, "end_time": 1794355200}]}])
def test_an_answer_of_another_form_is_not_an_idle_day(bench: OpenaiBench, body: Json) -> None:
    bench.server.answers[COSTS] = body
    (problem,) = bench.extract().problems
    assert "without" in str(problem)


# Pages.


def test_pages_go_on_until_there_is_no_more(bench: OpenaiBench) -> None:
    def answer(request: Request) -> Json:
        number = int(request.query.get("page", "page_1").removeprefix("page_"))
        last = number == 3
        row = completion(project_id=f"p{number}")
        return page(bucket([row]), has_more=not last, next_page=None if last else f"page_{number + 1}")

    bench.server.answers[COMPLETIONS] = answer
    assert not bench.extract().problems
    assert sorted(bench.rows("select project_id from raw_openai.usage_results")) == [("p1",), ("p2",), ("p3",)]
    ordinals = bench.rows("select record_ordinal from raw_openai.usage_results order by 1")
    assert len(set(ordinals)) == 3


@pytest.mark.parametrize("next_page", [None, ""])
def test_more_without_a_next_page_fails(bench: OpenaiBench, next_page: str | None) -> None:
    bench.server.answers[COMPLETIONS] = page(bucket([completion()]), has_more=True, next_page=next_page)
    (problem,) = bench.extract().problems
    assert isinstance(problem, RequestFailed)
    loaded = "select count(*) from raw_openai.report_loads where report = 'usage-completions' and status = 'loaded'"
    assert bench.one(loaded) == 0


def test_a_page_that_names_itself_as_the_next_one_fails(bench: OpenaiBench) -> None:
    bench.server.answers[COMPLETIONS] = page(bucket([completion()]), has_more=True, next_page="page_x")
    (problem,) = bench.extract().problems
    assert "twice" in str(problem)
    assert len(bench.server.asked(COMPLETIONS)) == 2


def test_lists_go_on_after_the_last_id(bench: OpenaiBench) -> None:
    def answer(request: Request) -> Json:
        if "after" not in request.query:
            return listed([{"id": "u1"}, {"id": "u2"}], has_more=True)
        assert request.query["after"] == "u2"
        return listed([{"id": "u3"}])

    bench.server.answers["/v1/organization/users"] = answer
    assert not bench.extract().problems
    found = {value for (value,) in bench.rows("select user_key from raw_openai.users")}
    assert found == {key("openai_user", name) for name in ("u1", "u2", "u3")}


# Lists.


def test_archived_projects_are_asked_for_and_every_project_has_its_own_chain(bench: OpenaiBench) -> None:
    def keys(request: Request) -> Json:
        assert request.query["owner_project_access"] == "any"
        return listed([{"id": f"key_{request.path.split('/')[4]}", "name": "n"}])

    bench.server.answers |= {
        PROJECTS: lambda request: listed(
            [project("p1"), *([project("p2", "archived")] if request.query.get("include_archived") == "true" else [])]
        ),
        f"{PROJECTS}/p1/api_keys": keys,
        f"{PROJECTS}/p2/api_keys": keys,
    }
    assert not bench.extract().problems
    found = set(bench.rows("select project_id, status from raw_openai.projects"))
    assert found == {("p1", "active"), ("p2", "archived")}
    found = set(bench.rows("select project_id, api_key_id from raw_openai.project_api_keys"))
    assert found == {("p1", "key_p1"), ("p2", "key_p2")}


def test_an_archived_project_may_have_no_lists_any_more_but_an_active_one_must(bench: OpenaiBench) -> None:
    gone = refused(404, "Not found")
    bench.server.answers |= {
        PROJECTS: listed([project("p1", "archived"), project("p2")]),
        f"{PROJECTS}/p1/api_keys": lambda request: gone,
        f"{PROJECTS}/p2/service_accounts": lambda request: gone,
    }
    (problem,) = bench.extract().problems
    assert "project-service-accounts" in str(problem)


def test_the_key_list_tells_machines_owners_and_hints_but_no_names(bench: OpenaiBench) -> None:
    person = {"id": "user_Ada", "name": "Ada Lovelace", "email": "ada@example.com", "role": "owner", "created_at": 1}
    machine = {"id": "svc_acct_1", "name": "Ada's robot", "role": "member", "created_at": 1}
    about = {"object": "organization.project.api_key", "created_at": 1711471533, "last_used_at": None}
    bench.server.answers |= {
        PROJECTS: listed([project("p1")]),
        f"{PROJECTS}/p1/api_keys": listed(
            [
                {
                    **about,
                    "id": "key_1",
                    "name": "Ada Lovelace prod-CI ci",
                    "redacted_value": "sk-abc...def",
                    "owner_project_access": "inactive",
                    "owner": {"type": "user", "user": person},
                },
                {
                    **about,
                    "id": "key_2",
                    "name": None,
                    "owner": {"type": "service_account", "service_account": machine},
                },
            ]
        ),
        f"{PROJECTS}/p1/service_accounts": listed([{**machine, "name": "nightly Ada", "object": "x"}]),
        f"{PROJECTS}/p1/users": listed([{**person, "added_at": 2, "object": "x"}]),
        "/v1/organization/admin_api_keys": listed(
            [
                {
                    "id": "key_a",
                    "name": "Ada",
                    "owner": {"type": "user", "id": "user_ada", "name": "Ada", "role": "owner"},
                },
                {"id": "key_b", "name": "x", "owner": {"type": "service_account", "id": "svc_acct_1", "name": "Ada"}},
            ]
        ),
    }
    bench.extract()
    assert set(
        bench.rows(
            "select api_key_id, name_key, name_hints, owner_type, owner_user_key, owner_service_account_id, owner_role,"
            " owner_project_access from raw_openai.project_api_keys"
        )
    ) == {
        (
            "key_1",
            key("openai_api_key_name", "ada lovelace prod-ci ci"),
            "ci,prod",
            "user",
            key("openai_user", "user_ada"),
            None,
            "owner",
            "inactive",
        ),
        ("key_2", None, None, "service_account", None, "svc_acct_1", "member", None),
    }
    assert bench.rows("select service_account_id, name_hints from raw_openai.project_service_accounts") == [
        ("svc_acct_1", "nightly")
    ]
    assert bench.rows("select user_key, email_key, project_id from raw_openai.project_users") == [
        (key("openai_user", "user_ada"), key("email", "ada@example.com"), "p1")
    ]
    admin = set(
        bench.rows("select api_key_id, owner_user_key, owner_service_account_id from raw_openai.admin_api_keys")
    )
    assert admin == {("key_a", key("openai_user", "user_ada"), None), ("key_b", None, "svc_acct_1")}


def test_users_who_are_machines_are_told(bench: OpenaiBench) -> None:
    users = [
        {"id": "user_1", "email": "A@Example.com", "name": "A", "is_service_account": False, "added_at": 1711471533},
        {"id": "user_2", "email": None, "name": "bot", "is_service_account": True, "user": {"email": "b@example.com"}},
    ]
    bench.server.answers["/v1/organization/users"] = listed(users)
    assert not bench.extract().warnings
    assert set(bench.rows("select user_key, email_key, is_service_account from raw_openai.users")) == {
        (key("openai_user", "user_1"), key("email", "a@example.com"), False),
        (key("openai_user", "user_2"), None, True),
    }


# Refusals.


def test_a_key_that_is_not_accepted_stops_and_names_admin_keys(bench: OpenaiBench) -> None:
    bench.server.answers[COSTS] = lambda request: refused(401, "Incorrect API key provided.")
    with pytest.raises(TokenRefused, match="sk-admin-") as caught:
        bench.extract()
    assert caught.value.exit_code == ExitCode.MISSING_PERMISSION


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize(
    ("path", "scope"),
    [(COSTS, "api.usage.read"), (COMPLETIONS, "api.usage.read"), ("/v1/organization/users", "api.management.read")],
)
def test_a_missing_scope_is_named_once_and_the_rest_is_read(
    bench: OpenaiBench, path: str, scope: str, status: int
) -> None:
    # The vendor has been seen to say it as an object and as a bare text, with 403 and with 401.
    words = f"You have insufficient permissions for this operation. Missing scopes: {scope}."
    bench.server.answers[path] = lambda request: Response(status, json.dumps({"error": words}).encode())
    bench.server.answers[USAGE + "embeddings"] = page(bucket([{"input_tokens": 16, "num_model_requests": 2}]))
    outcome = bench.extract()
    (problem,) = outcome.problems
    assert isinstance(problem, PermissionMissing)
    assert not isinstance(problem, TokenRefused)
    assert scope in problem.remedy
    assert outcome.exit_code == ExitCode.MISSING_PERMISSION
    assert bench.one("select count(*) from raw_openai.usage_results") == 1


def test_a_rate_limit_is_waited_out(bench: OpenaiBench) -> None:
    answers = iter([Response(429, b"{}", {"retry-after": "7"}), Response(429, b"{}"), Response(500, b"oops")])
    bench.server.answers[COSTS] = lambda request: next(answers, page(bucket([cost(1)])))
    assert not bench.extract().problems
    assert bench.waits[:1] == [7]
    assert bench.one("select count(*) from raw_openai.costs") == 1


# Codex.


def codex_row(user: str, email: str | None = None, day: date = DAY, **totals: object) -> Json:
    return {
        "object": "workspace.codex.usage.result",
        "start_time": seconds(day),
        "end_time": seconds(day + ONE_DAY),
        "user_id": user,
        "actor": {"type": "ACCOUNT_USER", "user_id": user, "email": email},
        "totals": {"threads": 1, "turns": 2, "credits": 12.5, "text_total_tokens": None, **totals},
        "clients": [{"client_id": "CODEX_CLI", "threads": 1, "turns": 2, "credits": 12.5}],
        "models": None,
        "code_attribution": None,
    }


def test_codex_is_optional(bench: OpenaiBench) -> None:
    bench.extract()
    assert bench.server.asked(CODEX) == []


def test_codex_users_are_pseudonyms_and_what_is_not_told_is_null(
    bench: OpenaiBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_codex(monkeypatch)
    model = {"model": "gpt-5.4", "speed": "fast", "credits": 12.5, "uncached_text_input_tokens": 9}
    rows = [{**codex_row("user_A", "Ada@Example.com"), "models": [model]}, codex_row("u2")]
    bench.server.answers[CODEX] = {"object": "page", "data": rows}
    assert not bench.extract().problems
    (query,) = bench.server.asked(CODEX)
    assert query["group_by"] == ["day"]
    assert query["start_time"] == [str(seconds(DAY))]
    found = bench.rows(
        "select account_id, user_key, actor_email_key, credits, uncached_text_input_tokens, lines_added"
        " from raw_openai.codex_user_days"
    )
    assert set(found) == {
        ("workspace/ws-1", key("openai_user", "user_a"), key("email", "ada@example.com"), Decimal("12.5"), None, None),
        ("workspace/ws-1", key("openai_user", "u2"), None, Decimal("12.5"), None, None),
    }
    assert bench.one("select count(*) from raw_openai.codex_user_day_clients") == 2
    models = bench.rows(
        "select user_key, model, speed, credits, uncached_text_input_tokens, text_output_tokens"
        " from raw_openai.codex_user_day_models"
    )
    assert models == [(key("openai_user", "user_a"), "gpt-5.4", "fast", Decimal("12.5"), 9, None)]


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_refusal_by_codex_leaves_only_codex_out_and_is_told_once(
    bench: OpenaiBench, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    use_codex(monkeypatch)
    bench.server.answers[CODEX] = lambda request: refused(status, "No such workspace")
    bench.server.answers[COSTS] = lambda request: page(
        {
            **bucket([cost(1)]),
            "start_time": int(request.query["start_time"]),
            "end_time": int(request.query["end_time"]),
        }
    )
    outcome = bench.extract(DAY - 2 * ONE_DAY, DAY)
    (problem,) = outcome.problems
    assert "codex.enterprise.analytics.read" in problem.remedy
    assert bench.one("select count(*) from raw_openai.costs") == 3


def test_codex_is_not_asked_for_more_than_90_days_back(bench: OpenaiBench, monkeypatch: pytest.MonkeyPatch) -> None:
    use_codex(monkeypatch)
    bench.extract(AS_OF - 100 * ONE_DAY, AS_OF - 89 * ONE_DAY)
    first = min(int(query["start_time"][0]) for query in bench.server.asked(CODEX))
    assert first == seconds(AS_OF - 90 * ONE_DAY)


def test_a_codex_row_of_another_day_is_refused(bench: OpenaiBench, monkeypatch: pytest.MonkeyPatch) -> None:
    use_codex(monkeypatch)
    bench.server.answers[CODEX] = {"data": [codex_row("user_A", day=DAY - ONE_DAY)], "has_more": False}
    (problem,) = bench.extract().problems
    assert "is not the UTC day that was asked for" in str(problem)


# Again.


def test_a_day_read_twice_changes_nothing_and_a_restated_day_moves(bench: OpenaiBench) -> None:
    bench.server.answers[COSTS] = page(bucket([cost("1.25", project_id="a"), cost(2, project_id="b")]))
    bench.extract()
    bench.extract()
    statuses = bench.rows("select status from raw_openai.report_loads where report = 'costs' order by loaded_at")
    assert statuses == [("backfill_requested",), ("loaded",), ("unchanged",)]
    assert bench.rows("select sum(amount_value), count(*) from raw_openai.costs") == [(Decimal("3.25"), 2)]
    # Restated: one project's line is gone, the other's is more.
    bench.server.answers[COSTS] = page(bucket([cost("1.75", project_id="a")]))
    bench.extract()
    assert bench.rows(f"select project_id, amount_value from {bench.current('costs')}") == [("a", Decimal("1.75"))]
    assert bench.one("select count(*) from raw_openai.costs") == 1


def test_one_costs_report_that_fails_does_not_touch_what_is_loaded(bench: OpenaiBench) -> None:
    bench.server.answers[COSTS] = page(bucket([cost("1.25")]))
    bench.extract()
    bench.server.answers[COSTS] = page(bucket([cost("NaN")]))
    bench.extract()
    assert bench.rows(f"select amount_value from {bench.current('costs')}") == [(Decimal("1.25"),)]


# Secrets and names.


def test_no_key_and_no_name_in_clear_is_left_anywhere(
    bench: OpenaiBench,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    use_codex(monkeypatch)
    person = {"id": "user_1", "name": "Ada Lovelace", "email": "ada@example.com"}
    bench.server.answers |= {
        "/v1/organization/users": listed([person]),
        COSTS: page(bucket([cost("NaN")])),
        COMPLETIONS: page(bucket([completion(input_tokens="bad", user_id="user_1")])),
        CODEX: lambda request: refused(403, "Forbidden"),
    }
    outcome = bench.extract()
    said = "\n".join([*capfd.readouterr(), caplog.text, *map(str, outcome.problems), *outcome.warnings])
    for word in (ADMIN_KEY, CODEX_KEY, KEY, "Ada Lovelace", "ada@example.com"):
        assert word not in said
    files = [path for path in bench.folder.rglob("*") if path.is_file()]
    for path in files:
        content = path.read_bytes()
        assert not any(word.encode() in content for word in (ADMIN_KEY, CODEX_KEY, KEY, "Ada Lovelace")), path
    in_clear = bench.rows("select namespace, identifier from raw_restricted.identifiers")
    assert set(in_clear) == {("openai_user", "user_1"), ("email", "ada@example.com")}


# Settings and doctor.


def test_without_any_key_the_source_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not is_configured()
    with pytest.raises(ConfigurationError, match="sk-admin-"):
        load_settings()


def test_a_codex_key_without_a_workspace_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCES__OPENAI__CODEX_KEY", CODEX_KEY)
    assert is_configured()
    with pytest.raises(ConfigurationError, match="CODEX_WORKSPACE"):
        load_settings()


def test_codex_alone_is_enough(bench: OpenaiBench, monkeypatch: pytest.MonkeyPatch) -> None:
    use_codex(monkeypatch)
    monkeypatch.delenv("SOURCES__OPENAI__ADMIN_KEY")
    bench.extract()
    assert {request.path for request in bench.server.requests} == {CODEX}


def test_doctor_names_every_report_and_the_scope_that_is_missing(
    bench: OpenaiBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_codex(monkeypatch)
    missing: Answer = lambda request: refused(403, "Missing scopes: api.management.read")  # noqa: E731
    bench.server.answers |= {PROJECTS: missing, CODEX: lambda request: refused(404, "Not found")}
    found = {check.subject: check for check in checks(load_settings())}
    assert Counter(check.ok for check in found.values()) == {True: 13, False: 5}
    assert found["organization/acme costs"].ok
    for name in ("projects", "project-api-keys", "project-service-accounts", "project-users"):
        assert "api.management.read" in found[f"organization/acme {name}"].detail
    assert "codex.enterprise.analytics.read" in found["workspace/ws-1 codex-usage"].detail


def test_doctor_says_once_that_a_key_is_not_accepted(bench: OpenaiBench) -> None:
    bench.server.answers[COSTS] = lambda request: refused(401, "Incorrect API key provided.")
    refused_check, codex = checks(load_settings())
    assert not refused_check.ok
    assert "sk-admin-" in refused_check.detail
    assert codex.ok
