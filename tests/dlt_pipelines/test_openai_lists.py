"""OpenAI's lists and pages: how they go on and end, projects, keys and users."""

from __future__ import annotations

import pytest

from demo.local_server import Request
from dlt_pipelines.errors import RequestFailed
from tests.dlt_pipelines.openai_stub import (
    COMPLETIONS,
    PROJECTS,
    Json,
    OpenaiBench,
    bucket,
    completion,
    listed,
    openai_bench,
    page,
    refused,
)
from tests.dlt_pipelines.pseudonyms import key

__all__ = ["openai_bench"]


def project(identifier: str, status: str = "active") -> Json:
    return {
        "id": identifier,
        "object": "organization.project",
        "name": f"Project {identifier}",
        "created_at": 1711471533,
        "archived_at": 1711471999 if status == "archived" else None,
        "status": status,
    }


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
