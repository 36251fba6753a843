"""Delivery, read from repositories that a test made up: what is loaded, what is asked, and GitHub's bad days."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from demo.local_server import Request, Response, json_response
from dlt_pipelines import github_delivery
from dlt_pipelines.errors import ConfigurationError, ExitCode, PermissionMissing, RequestFailed, TokenRefused
from dlt_pipelines.github_client import github_client
from dlt_pipelines.github_delivery.endpoints import Endpoints
from dlt_pipelines.github_delivery.permissions import Refused
from dlt_pipelines.github_delivery.settings import API_VERSION
from dlt_pipelines.identifiers import Pseudonymizer
from dlt_pipelines.outcome import Outcome
from tests.dlt_pipelines.delivery_bench import (
    COPILOT,
    HUBOT,
    KEY,
    MONA,
    REPOSITORY,
    TODAY,
    TOKEN,
    DeliveryBench,
    Repo,
    commit,
    delivery_bench,
    deployment,
    issue,
    pull,
    run,
    sha,
)

ONE_DAY = timedelta(days=1)
PATH = f"/repos/{REPOSITORY}"
ENTIRE = "heads/entire/checkpoints/v1"
NOTES = "notes/ai"
PULL_PARTS = 4


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def login_key(login: str) -> str | None:
    return Pseudonymizer(KEY).key("github_login", login)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DeliveryBench]:
    with delivery_bench(tmp_path, monkeypatch) as found:
        yield found


def told(outcome: Outcome) -> str:
    return "\n".join([*map(str, outcome.problems), *outcome.warnings])


# What is loaded


def test_a_merged_pull_request_by_an_agent(bench: DeliveryBench) -> None:
    message = "Fix it\n\nCo-authored-by: Mona Invented <501+mona-invented@users.noreply.github.com>"
    bench.repo.add(
        pull(
            7,
            "2026-10-12T12:00:00Z",
            user=COPILOT,
            state="closed",
            merged_at="2026-10-12T11:59:00Z",
            closed_at="2026-10-12T11:59:00Z",
            merged_by=MONA,
            head={"ref": "copilot/fix-login", "sha": sha("head")},
            body="Fixes #3 and closes other/place#4. https://github.com/keel-works/sextant/sessions/0a1b-2c3d",
            commit_list=[commit(message, COPILOT, "198982749+Copilot@users.noreply.github.com")],
            reviews=[
                {
                    "id": 71,
                    "user": HUBOT,
                    "state": "APPROVED",
                    "body": "Words that must never leak",
                    "submitted_at": "2026-10-12T10:00:00Z",
                    "commit_id": sha("head"),
                },
                {"id": 72, "user": HUBOT, "state": "PENDING", "submitted_at": None, "commit_id": sha("head")},
            ],
            timeline=[
                {"event": "committed", "sha": sha("head")},
                {"event": "ready_for_review", "created_at": "2026-10-12T09:00:00Z", "actor": MONA},
                {"event": "merged", "created_at": "2026-10-12T11:59:00Z", "actor": MONA, "commit_id": sha("merge 7")},
                {"event": "reviewed", "submitted_at": "2026-10-12T10:00:00Z", "user": HUBOT},
            ],
        )
    )
    assert bench.extract().exit_code == ExitCode.OK
    mona, copilot = login_key("mona-invented"), login_key("Copilot")
    assert bench.rows(
        """
        select repository, number, pull_request_id, author_key, author_kind, author_bot_login, merged_by_key,
            merged_by_kind, merged_at, merge_commit_sha, additions, labels, session_urls, is_revert
        from raw.pull_requests
        """
    ) == [
        (
            *(REPOSITORY, 7, 9007, copilot, "bot", "Copilot", mona, "user", moment("2026-10-12T11:59:00")),
            *(sha("merge 7"), 10, '["bug"]', '["https://github.com/keel-works/sextant/sessions/0a1b-2c3d"]', False),
        )
    ]
    assert bench.rows("select issue_number, evidence from raw.pull_request_issues") == [(3, "closing_keyword")]
    assert bench.rows("select author_bot_login, committed_at from raw.pull_request_commits") == [
        ("Copilot", moment("2026-10-10T08:01:00"))
    ]
    assert bench.rows("select trailer_key, trailer_value, agent, person_key from raw.commit_trailers") == [
        ("co-authored-by", None, None, mona)
    ]
    assert bench.rows("select review_id, reviewer_kind, state, submitted_at from raw.reviews order by 1") == [
        (71, "user", "APPROVED", moment("2026-10-12T10:00:00")),
        (72, "user", "PENDING", None),
    ]
    assert bench.rows("select event_ordinal, event, commit_sha from raw.timeline_events order by 1") == [
        (2, "ready_for_review", None),
        (3, "merged", sha("merge 7")),
    ]


def test_what_people_wrote_and_who_they_are_is_not_kept(
    bench: DeliveryBench, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    words = "Words that must never leak\n\nSigned-off-by: Mona Invented <mona@keel.example>\nNote-to: Mona Invented"
    bench.repo.add(pull(1, commit_list=[commit(words)], body="Mona Invented says: fixes #2"))
    bench.repo.issues = {2: issue(2)}
    bench.repo.runs = [run(1, "2026-10-10T10:00:00Z")]
    task = {"id": "t1", "state": "completed", "creator": MONA, "created_at": "2026-10-10T10:00:00Z"}
    task |= {"updated_at": "2026-10-10T10:00:00Z", "prompt": "must never leak"}
    bench.repo.tasks = [{**task, "sessions": [{"id": "s1", "prompt": "must never leak", "user": MONA}]}]
    note = {"sessions": {"s_1": {"agent_id": {"tool": "claude", "id": "s1"}, "human_author": "Mona Invented"}}}
    bench.repo.refs = {NOTES: {sha(words): "a.py\n  s_1 1-3\n---\n" + json.dumps(note)}}
    bench.github.refuse(f"{PATH}/deployments")
    outcome = bench.extract()
    out, err = capfd.readouterr()
    said = "\n".join([out, err, caplog.text, told(outcome)])
    tables = bench.rows(
        "select table_name from information_schema.tables where table_schema = 'raw_github_delivery'"
        " and table_name not like '\\_dlt%' escape '\\'"
    )
    dump = "\n".join(str(bench.rows(f"select * from all.{table}")) for (table,) in tables)
    for secret in ("must never leak", "Mona", "mona-invented", "keel.example", "note-to", "hubot", TOKEN, KEY):
        assert secret.lower() not in dump.lower(), secret
        assert secret.lower() not in said.lower(), secret
    assert bench.rows("select trailer_key, trailer_value, person_key from raw.commit_trailers") == [
        ("signed-off-by", None, Pseudonymizer(KEY).key("email", "mona@keel.example"))
    ]
    assert bench.rows("select sha, tool, session_id from raw.commit_notes") == [(sha(words), "claude", "s1")]
    assert bench.one("select count(*) from raw_restricted.identifiers where identifier = 'mona-invented'") == 1
    on_disk = [path for path in bench.folder.rglob("*") if path.is_file() and TOKEN.encode() in path.read_bytes()]
    assert on_disk == []


def test_a_pull_request_of_a_deleted_user(bench: DeliveryBench) -> None:
    event = {"event": "closed", "created_at": "2026-10-10T11:00:00Z", "actor": None}
    bench.repo.add(
        pull(
            1,
            user=None,
            commit_list=[commit("Change", author=None)],
            reviews=[{"id": 1, "user": None, "state": "COMMENTED", "submitted_at": "2026-10-10T10:00:00Z"}],
            timeline=[event],
        )
    )
    assert bench.extract().exit_code == ExitCode.OK
    assert bench.rows("select author_key, author_kind, author_bot_login from raw.pull_requests") == [
        (None, "unknown", None)
    ]
    assert bench.rows("select author_key, author_kind from raw.pull_request_commits") == [(None, "unknown")]
    assert bench.rows("select reviewer_key, reviewer_kind from raw.reviews") == [(None, "unknown")]
    assert bench.rows("select actor_key, actor_kind from raw.timeline_events") == [(None, "unknown")]


def test_an_agent_that_commits_as_somebody_is_a_bot(bench: DeliveryBench) -> None:
    as_user = {"login": "claude", "id": 81847, "type": "User"}
    bench.repo.add(
        pull(
            1,
            commit_list=[
                commit("One", as_user, "noreply@anthropic.com"),
                commit("Two", None, "502+hubot-invented@users.noreply.github.com"),
            ],
        )
    )
    bench.extract()
    assert bench.rows(
        "select author_kind, author_bot_login, author_key from raw.pull_request_commits order by ordinal"
    ) == [
        ("bot", "claude_code", login_key("claude_code")),
        ("user", None, login_key("hubot-invented")),
    ]


def test_a_pull_request_of_more_than_250_commits(bench: DeliveryBench) -> None:
    commits = [commit(f"Change {number}") for number in range(300)]
    bench.repo.add(pull(1, commits=300, commit_list=commits))
    outcome = bench.extract()
    assert bench.one("select count(distinct sha) from raw.pull_request_commits") == 250
    assert bench.one("select commits from raw.pull_requests") == 300
    assert outcome.warnings == [
        f"{REPOSITORY}#1: GitHub lists 250 of its 300 commits; trailers of the others are not read"
    ]
    assert outcome.exit_code == ExitCode.OK


def test_a_force_pushed_pull_request(bench: DeliveryBench) -> None:
    trailer = "\n\nCo-Authored-By: Claude Opus 4.5 <noreply@anthropic.com>"
    bench.repo.add(pull(1, commit_list=[commit("Old" + trailer), commit("Dropped")]))
    bench.extract()
    bench.today(TODAY + ONE_DAY)
    bench.repo.add(pull(1, "2026-10-17T09:00:00Z", commit_list=[commit("New" + trailer)]))
    bench.extract()
    newest = bench.rows(
        """
        select c.sha, t.model_named from raw.pull_request_commits as c
        left join raw.commit_trailers as t using (report_load_key, number, sha)
        where c.report_load_key in (
            select report_load_key from raw.pull_requests where number = 1 order by updated_at desc limit 1
        )
        """
    )
    assert newest == [(sha("New" + trailer), "Claude Opus 4.5")]


def test_a_revert(bench: DeliveryBench) -> None:
    reverted = sha("reverted")
    bench.repo.add(
        pull(1, body=f"Reverts {REPOSITORY}#9", commit_list=[commit(f'Revert "x"\n\nThis reverts commit {reverted}.')])
    )
    bench.extract()
    assert bench.rows("select is_revert, reverts_number, reverts_sha from raw.pull_requests") == [(True, 9, reverted)]


def test_agent_tasks_count_credits_in_billionths(bench: DeliveryBench) -> None:
    task = {
        "id": "t1",
        "state": "completed",
        "created_at": "2026-10-10T09:00:00Z",
        "updated_at": "2026-10-10T12:00:00Z",
        "creator": {"id": 501},
        "artifacts": [
            {"type": "pull", "data": {"id": 9007}},
            {"type": "branch", "data": {"head_ref": "copilot/x", "base_ref": "main"}},
        ],
        "sessions": [
            {
                "id": "s1",
                "state": "completed",
                "model": "claude-sonnet-4.5",
                "usage": {"type": "ai_credits", "amount": 12345678901},
                "error": {"type": "timeout", "message": "must never leak"},
            },
            {"id": "s2", "state": "failed", "usage": {"type": "premium_requests", "amount": 0.33}, "error": None},
        ],
    }
    bench.repo.add(pull(7))
    bench.repo.tasks = [task]
    bench.repo.archived_tasks = [{**task, "id": "t2", "artifacts": [], "sessions": []}]
    assert bench.extract().warnings == []
    assert bench.rows("select task_id, pull_request_number, head_ref, creator_key from raw.agent_tasks order by 1") == [
        ("t1", 7, "copilot/x", Pseudonymizer(KEY).key("github_user", 501)),
        ("t2", None, None, Pseudonymizer(KEY).key("github_user", 501)),
    ]
    assert bench.rows(
        "select session_id, ai_credits, premium_requests, error_type from raw.agent_sessions order by 1"
    ) == [
        ("s1", Decimal("12.345678901"), None, "timeout"),
        ("s2", None, Decimal("0.33"), None),
    ]


def test_a_task_names_a_pull_request_that_was_read_before(bench: DeliveryBench) -> None:
    bench.repo.add(pull(7))
    bench.extract()
    bench.today(TODAY + ONE_DAY)
    bench.repo.pushed_at = "2026-10-17T20:00:00Z"
    task = {"id": "t1", "created_at": "2026-10-17T19:00:00Z", "updated_at": "2026-10-17T20:00:00Z"}
    bench.repo.tasks = [{**task, "artifacts": [{"type": "pull", "data": {"id": 9007}}], "sessions": []}]
    bench.extract()
    assert bench.github.paths(r"/pulls/\d+$") == []
    assert bench.rows("select task_id, pull_request_number from raw.agent_tasks") == [("t1", 7)]


# What is asked


def test_the_version_that_still_has_merge_commits_is_asked_for(bench: DeliveryBench) -> None:
    versions = set()

    def listen(request: Request) -> Response | None:
        versions.add(request.headers["x-github-api-version"])
        return None

    bench.repo.add(pull(1))
    bench.github.answers[f"{PATH}/pulls/1"] = listen
    bench.extract()
    assert versions == {"2022-11-28"}


def test_the_first_run_goes_back_as_far_as_lookback_days(bench: DeliveryBench) -> None:
    bench.set(lookback_days="10")
    bench.repo.add(pull(1, "2026-10-06T23:59:59Z"), pull(2, "2026-10-07T00:00:00Z"))
    bench.repo.runs = [run(1, "2026-10-06T23:59:59Z"), run(2, "2026-10-07T00:00:00Z")]
    bench.repo.deployments = [deployment(1, "2026-10-06T23:59:59Z"), deployment(2, "2026-10-07T00:00:00Z", "success")]
    bench.extract()
    assert bench.rows("select number from raw.pull_requests") == [(2,)]
    assert bench.rows("select run_id from raw.workflow_runs") == [(2,)]
    assert bench.rows("select deployment_id from raw.deployments") == [(2,)]
    assert bench.github.paths(r"/statuses$") == [f"{PATH}/deployments/2/statuses"]


def test_the_list_of_pull_requests_ends_at_the_first_that_is_known_to_be_old(bench: DeliveryBench) -> None:
    old = [pull(number, "2025-01-01T00:00:00Z") for number in range(1, 400)]
    bench.repo.add(*old, pull(400))
    bench.extract()
    assert len(bench.github.paths(r"/pulls$")) == 1
    assert bench.rows("select number from raw.pull_requests") == [(400,)]


def test_the_next_run_asks_for_what_has_changed_alone(bench: DeliveryBench) -> None:
    bench.repo.add(*(pull(number, f"2026-10-1{number}T12:00:00Z") for number in range(5)))
    bench.extract()
    assert len(bench.github.paths(r"/pulls/\d+$")) == 5
    bench.today(TODAY + ONE_DAY)
    bench.repo.add(pull(1, "2026-10-18T08:00:00Z", state="closed"))
    bench.extract()
    assert bench.github.paths(r"/(pulls|issues)/\d+") == [
        f"{PATH}/pulls/1",
        f"{PATH}/pulls/1/commits",
        f"{PATH}/pulls/1/reviews",
        f"{PATH}/issues/1/timeline",
    ]
    assert bench.rows("select number, state from raw.pull_requests order by number, updated_at") == [
        *[(0, "open"), (1, "open"), (1, "closed"), (2, "open"), (3, "open"), (4, "open")]
    ]


def test_no_issue_is_skipped_where_another_changes_while_pages_are_read(bench: DeliveryBench) -> None:
    start = moment("2026-10-01T00:00:00")
    bench.repo.issues = {
        number: issue(number, (start + number * timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ"))
        for number in range(1, 151)
    }

    def change_one(request: Request) -> Response | None:
        if request.query.get("page") == "2":
            bench.repo.issues[1] = issue(1, "2026-10-17T08:00:00Z", state="closed")
        return None

    bench.github.answers[f"{PATH}/issues"] = change_one
    bench.extract()
    found = bench.rows("select number, count(*) from raw.issues group by 1 order by 1")
    assert found == [(number, 1) for number in range(2, 151)]
    bench.github.answers.clear()
    bench.today(TODAY + ONE_DAY)
    bench.extract()
    assert bench.one("select count(distinct number) from raw.issues") == 150
    assert bench.rows("select state, updated_at from raw.issues where number = 1") == [
        ("closed", moment("2026-10-17T08:00:00"))
    ]


def test_a_second_run_of_the_day_keeps_what_the_first_one_read(bench: DeliveryBench) -> None:
    bench.repo.add(pull(1, "2026-10-17T06:00:00Z"))
    bench.repo.refs = {ENTIRE: {"aa/bbccddeeff/0/metadata.json": '{"session_id": "one"}'}}
    bench.extract()
    bench.repo.add(pull(2, "2026-10-17T07:00:00Z"))
    bench.repo.refs[ENTIRE]["aa/bbccddee00/0/metadata.json"] = '{"session_id": "two"}'
    bench.extract()
    assert bench.rows("select number, count(*) from raw.pull_requests group by 1 order by 1") == [(1, 1), (2, 1)]
    assert bench.rows("select session_id from raw.checkpoints order by 1") == [("one",), ("two",)]
    assert bench.one("select count(*) from all.pull_requests") == 2


@pytest.mark.parametrize("repositories", [300])
def test_a_quiet_repository_costs_one_request(bench: DeliveryBench, repositories: int) -> None:
    quiet = [Repo(f"keel-works/part-{number}", number) for number in range(1, repositories + 1)]
    for repo in quiet[:20]:
        repo.add(pull(1))
        repo.issues = {2: issue(2)}
        repo.deployments = [deployment(1, "2026-10-16T09:00:00Z", "success")]
        repo.runs = [run(1, "2026-10-16T09:00:00Z")]
    bench.github.repos = quiet
    bench.set(repositories=None, organizations='["keel-works"]')
    assert bench.extract().exit_code == ExitCode.OK
    bench.today(TODAY + ONE_DAY)
    quiet[5].pushed_at = "2026-10-17T20:00:00Z"
    quiet[5].add(pull(1, "2026-10-17T20:00:00Z"))
    quiet[6].issues[2] = issue(2, "2026-10-17T20:00:00Z", state="closed")
    outcome = bench.extract()
    inventory = len(bench.github.paths("^/orgs/"))
    busy = len(bench.github.paths("/part-(6|7)(/|$)"))
    assert inventory == 3
    assert len(bench.github.asked) == inventory + busy + repositories - 2
    assert busy < 30
    assert outcome.reports == {"loaded": 4}
    assert bench.one("select count(*) from raw.issues where state = 'closed'") == 1
    assert bench.one("select count(*) from raw.repositories") == repositories + 2


def test_a_quiet_repository_is_read_whole_once_a_week(bench: DeliveryBench) -> None:
    bench.repo.add(pull(1))
    bench.extract()
    bench.repo.runs = [run(1, "2026-10-18T03:00:00Z", event="schedule")]
    bench.today(TODAY + 6 * ONE_DAY)
    bench.extract()
    assert bench.github.paths("/actions/runs") == []
    bench.today(TODAY + 7 * ONE_DAY)
    bench.extract()
    assert bench.rows("select run_id, event from raw.workflow_runs") == [(1, "schedule")]


def test_workflow_runs_are_asked_for_in_parts_of_at_most_a_thousand(bench: DeliveryBench) -> None:
    start = moment("2026-10-16T00:00:00")
    bench.repo.runs = [
        run(number, (start + number * timedelta(seconds=20)).strftime("%Y-%m-%dT%H:%M:%SZ")) for number in range(2500)
    ]
    outcome = bench.extract()
    assert outcome.exit_code == ExitCode.OK, told(outcome)
    assert bench.rows("select count(*), count(distinct run_id), max(run_id) from raw.workflow_runs") == [
        (2500, 2500, 2499)
    ]
    assert bench.one("select count(distinct report_load_key) from raw.workflow_runs") == 1


def test_runs_of_many_days_are_kept_day_by_day(bench: DeliveryBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dlt_pipelines.github_delivery.extraction.BATCH_LOADS", 1)
    bench.set(lookback_days="3")
    bench.repo.runs = [
        run(day * 1000 + number, f"2026-10-{day}T{number // 60:02}:{number % 60:02}:00Z")
        for day in (14, 15, 16)
        for number in range(600)
    ]

    def fail(request: Request) -> Response | None:
        return Response(502) if request.query["created"].startswith("2026-10-16") else None

    bench.github.answers[f"{PATH}/actions/runs"] = fail
    outcome = bench.extract()
    assert [type(problem) for problem in outcome.problems] == [RequestFailed]
    assert bench.rows("select report_date, rows from all.report_loads where report = 'workflow-runs' order by 1") == [
        (date(2026, 10, 14), 600),
        (date(2026, 10, 15), 600),
    ]
    bench.github.answers.clear()
    assert bench.extract().exit_code == ExitCode.OK
    assert bench.rows("select count(*), count(distinct run_id) from raw.workflow_runs") == [(1800, 1800)]


def test_of_the_actors_of_a_run_login_and_type_alone_are_kept_meanwhile(bench: DeliveryBench) -> None:
    bench.repo.runs = [run(1, "2026-10-16T09:00:00Z", actor=None, triggering_actor={**HUBOT, "avatar_url": "x" * 99})]
    endpoints = Endpoints(github_client(github_delivery.load_settings(), API_VERSION))
    ((one,),) = endpoints.workflow_runs(REPOSITORY, date(2026, 10, 16), date(2026, 10, 16))
    assert one.record["actor"] is None
    assert one.record["triggering_actor"] == {"login": HUBOT["login"], "type": HUBOT["type"]}


def test_a_run_that_went_on_is_read_again(bench: DeliveryBench) -> None:
    bench.repo.runs = [
        run(1, "2026-10-05T09:00:00Z", status="in_progress", conclusion=None),
        run(2, "2026-10-16T09:00:00Z"),
    ]
    bench.extract()
    bench.today(TODAY + 3 * ONE_DAY)
    bench.repo.runs[0] |= {"status": "completed", "conclusion": "failure"}
    bench.extract()
    assert bench.rows("select run_id, conclusion from raw.workflow_runs order by run_id") == [
        (1, "failure"),
        (2, "success"),
    ]
    bench.today(TODAY + 4 * ONE_DAY)
    bench.extract()
    assert bench.github.paths("/actions/runs") == []


def test_a_deployment_that_went_on_is_read_again_and_finished_ones_are_not(bench: DeliveryBench) -> None:
    bench.repo.deployments = [
        deployment(1, "2026-10-14T09:00:00Z", "queued", "in_progress"),
        deployment(2, "2026-10-13T09:00:00Z", "success"),
        deployment(3, "2026-10-16T09:00:00Z", "failure"),
    ]
    bench.today(TODAY - ONE_DAY)
    bench.extract()
    bench.today(TODAY)
    bench.repo.deployments[0] = deployment(1, "2026-10-14T09:00:00Z", "queued", "in_progress", "success")
    bench.extract()
    assert bench.github.paths("/statuses") == [f"{PATH}/deployments/{number}/statuses" for number in (1, 3)]
    assert bench.rows(
        "select deployment_id, list(state order by status_id) from raw.deployment_statuses group by 1 order by 1"
    ) == [(1, ["queued", "in_progress", "success"]), (2, ["success"]), (3, ["failure"])]


@pytest.mark.parametrize(("days_later", "asked"), [(2, [1]), (3, [])])
def test_a_deployment_to_which_nothing_happens_is_given_up_after_three_days(
    bench: DeliveryBench, days_later: int, asked: list[int]
) -> None:
    last_change = "2026-10-12T08:00:00Z"
    waiting = deployment(1, "2026-10-05T09:00:00Z", "waiting")
    waiting["statuses"].append({"id": 12, "state": "in_progress", "created_at": last_change})
    bench.repo.deployments = [
        waiting,
        deployment(2, "2026-10-07T09:00:00Z"),
        deployment(3, "2026-10-13T09:00:00Z", "success"),
    ]
    bench.today(date(2026, 10, 13))
    bench.extract()
    # Something else happens, so that the repository is looked at.
    bench.repo.pushed_at = "2026-10-15T01:00:00Z"
    bench.today(date(2026, 10, 13) + days_later * ONE_DAY)
    bench.extract()
    assert bench.github.paths("/statuses") == [f"{PATH}/deployments/{number}/statuses" for number in (*asked, 3)]


def test_checkpoints_are_read_once(bench: DeliveryBench) -> None:
    metadata = {"session_id": "2026-10-10-abc", "branch": "topic", "created_at": "2026-10-10T10:00:00Z"}
    files = {
        "a3/b2c4d5e6f7/metadata.json": '{"sessions": []}',
        "a3/b2c4d5e6f7/0/metadata.json": json.dumps(metadata),
        "a3/b2c4d5e6f7/1/metadata.json": json.dumps({**metadata, "session_id": "second"}),
        "a3/b2c4d5e6f7/0/full.jsonl": "must never leak",
        "0f/0000000001/metadata.json": json.dumps({**metadata, "session_id": "old form"}),
    }
    bench.repo.refs = {ENTIRE: files}
    bench.extract()
    expected = [
        ("0f0000000001", 0, "old form", "topic"),
        ("a3b2c4d5e6f7", 0, "2026-10-10-abc", "topic"),
        ("a3b2c4d5e6f7", 1, "second", "topic"),
    ]
    query = "select checkpoint_id, session_index, session_id, branch from raw.checkpoints order by 1, 2"
    assert bench.rows(query) == expected
    bench.today(TODAY + ONE_DAY)
    bench.repo.pushed_at = "2026-10-17T20:00:00Z"
    files["b0/0000000002/0/metadata.json"] = json.dumps({**metadata, "session_id": "new"})
    bench.extract()
    assert len(bench.github.paths("/git/blobs/")) == 1
    assert bench.rows(query) == [*expected, ("b00000000002", 0, "new", "topic")]


def test_a_tree_too_large_for_one_answer_is_read_folder_by_folder(bench: DeliveryBench) -> None:
    bench.github.truncates_trees = True
    bench.repo.refs = {
        ENTIRE: {
            "README.md": "x",
            **{f"a{number}/0000000000/0/metadata.json": f'{{"session_id": "s{number}"}}' for number in range(4)},
        }
    }
    bench.extract()
    assert bench.rows("select session_id from raw.checkpoints order by 1") == [(f"s{number}",) for number in range(4)]


def test_notes_are_read_of_commits_of_pull_requests(bench: DeliveryBench) -> None:
    agent = {"tool": "claude", "id": "session-1", "model": "claude-opus-4-5"}
    note = "a.py\n  s_1 1-3\n---\n" + json.dumps({"prompts": {}, "sessions": {"s_1": {"agent_id": agent}}})
    bench.repo.add(pull(1, commit_list=[commit("One")]))
    one = sha("One")
    bench.repo.refs = {NOTES: {f"{one[:2]}/{one[2:]}": note, sha("elsewhere"): note + "\n"}}
    bench.extract()
    assert len(bench.github.paths("/git/blobs/")) == 1
    query = "select sha, tool, session_id, model from raw.commit_notes order by sha = ?, sha"
    query = query.replace("?", f"'{one}'")
    assert bench.rows(query) == [(one, "claude", "session-1", "claude-opus-4-5")]
    # The squash gets its note after the merge: nothing else tells of it.
    bench.today(TODAY + ONE_DAY)
    bench.repo.pushed_at = "2026-10-17T20:00:00Z"
    bench.repo.refs[NOTES][sha("merge 1")] = note.replace("1-3", "1-4")
    bench.extract()
    assert len(bench.github.paths("/git/blobs/")) == 1
    assert [row[0] for row in bench.rows(query)] == [sha("merge 1"), one]


def test_a_second_run_of_the_day_keeps_the_notes_of_old_pull_requests(bench: DeliveryBench) -> None:
    note = '---\n{"sessions": {"s_1": {"agent_id": {"tool": "claude", "id": "old"}}}}'
    bench.repo.add(pull(1, "2026-08-01T12:00:00Z", commit_list=[commit("Old")]))
    bench.repo.refs = {NOTES: {sha("Old"): note}}
    bench.extract()
    bench.repo.add(pull(2, "2026-10-17T08:00:00Z", commit_list=[commit("New")]))
    bench.repo.refs[NOTES][sha("New")] = note.replace("old", "new")
    bench.extract()
    assert bench.rows("select session_id from raw.commit_notes order by 1") == [("new",), ("old",)]


def test_a_back_fill_reads_further_back(bench: DeliveryBench) -> None:
    bench.set(lookback_days="10")
    bench.repo.add(pull(1, "2026-07-01T12:00:00Z"), pull(2))
    bench.repo.runs = [run(1, "2026-07-01T12:00:00Z")]
    bench.extract()
    assert bench.rows("select number from raw.pull_requests") == [(2,)]
    bench.extract(since=date(2026, 6, 1))
    assert bench.github.paths(r"/pulls/\d+$") == [f"{PATH}/pulls/1"]
    assert bench.rows("select number from raw.pull_requests order by 1") == [(1,), (2,)]
    assert bench.rows("select run_id from raw.workflow_runs") == [(1,)]
    bench.extract()
    assert len(bench.github.asked) == 2


# Bad days


def test_a_deleted_repository(bench: DeliveryBench) -> None:
    other = Repo("keel-works/quadrant", 2)
    other.add(pull(1))
    bench.repo.add(pull(1))
    bench.github.repos.append(other)
    bench.set(repositories=json.dumps([REPOSITORY, other.name]))
    bench.extract()
    bench.today(TODAY + ONE_DAY)
    del bench.github.repos[0]
    other.add(pull(2, "2026-10-17T12:00:00Z"))
    outcome = bench.extract()
    assert outcome.warnings == [f"{REPOSITORY} is no longer there (404); what was read of it stays"]
    assert outcome.exit_code == ExitCode.OK
    assert bench.rows("select repository, number from raw.pull_requests order by all") == [
        ("keel-works/quadrant", 1),
        ("keel-works/quadrant", 2),
        (REPOSITORY, 1),
    ]


def test_a_repository_that_was_never_there(bench: DeliveryBench) -> None:
    bench.set(repositories='["keel-works/nowhere"]')
    outcome = bench.extract()
    assert [type(problem) for problem in outcome.problems] == [Refused]
    assert "keel-works/nowhere (Not Found)" in told(outcome)
    assert outcome.exit_code == ExitCode.MISSING_PERMISSION


@pytest.mark.parametrize("status", [404, 410, 451])
def test_a_known_repository_that_is_gone_is_a_warning_beside_others(bench: DeliveryBench, status: int) -> None:
    bench.github.repos.append(Repo("keel-works/quadrant", 2))
    bench.set(repositories=json.dumps([REPOSITORY, "keel-works/quadrant"]))
    bench.extract()
    bench.github.refuse(PATH, status, "Gone")
    outcome = bench.extract()
    assert outcome.warnings == [f"{REPOSITORY} is no longer there ({status}); what was read of it stays"]
    assert outcome.exit_code == ExitCode.OK


def test_a_known_repository_that_the_token_may_not_see_is_a_problem(bench: DeliveryBench) -> None:
    bench.github.repos.append(Repo("keel-works/quadrant", 2))
    bench.set(repositories=json.dumps([REPOSITORY, "keel-works/quadrant"]))
    bench.extract()
    bench.github.refuse(PATH, 403, "Resource protected by organization SAML enforcement")
    outcome = bench.extract()
    assert outcome.warnings == []
    assert "GitHub refuses repository of keel-works/sextant (Resource protected" in told(outcome)
    assert outcome.exit_code == ExitCode.MISSING_PERMISSION


def test_an_access_that_is_lost_while_a_repository_is_read_is_a_problem(bench: DeliveryBench) -> None:
    bench.repo.add(pull(1))

    def lose(request: Request) -> Response:
        bench.github.refuse(PATH, 403)
        return json_response({"message": "Not Found"}, 404)

    bench.github.answers[f"{PATH}/deployments"] = lose
    outcome = bench.extract()
    assert outcome.warnings == []
    assert "GitHub refuses deployments of keel-works/sextant (Not Found)" in told(outcome)
    assert outcome.exit_code == ExitCode.MISSING_PERMISSION


def test_that_every_repository_is_gone_is_an_error(bench: DeliveryBench) -> None:
    bench.repo.add(pull(1))
    bench.extract()
    bench.github.repos.clear()
    outcome = bench.extract()
    assert "GitHub shows none of the repositories any more: keel-works/sextant" in told(outcome)
    assert outcome.exit_code == ExitCode.MISSING_PERMISSION
    assert bench.rows("select number from raw.pull_requests") == [(1,)]


def test_a_repository_deleted_while_it_is_read(bench: DeliveryBench) -> None:
    bench.repo.add(pull(1))

    def vanish(request: Request) -> Response:
        bench.github.repos.clear()
        return json_response({"message": "Not Found"}, 404)

    bench.github.answers[f"{PATH}/deployments"] = vanish
    outcome = bench.extract()
    assert outcome.warnings == [f"{REPOSITORY} is no longer there; what was read of it stays"]
    assert outcome.problems == []
    assert bench.rows("select number from raw.pull_requests") == [(1,)]
    assert bench.rows("select 1 from all.report_loads where report = 'repository'") == []


def test_a_renamed_repository(bench: DeliveryBench) -> None:
    bench.repo.add(pull(1))
    bench.extract()
    bench.today(TODAY + ONE_DAY)
    bench.github.renamed = {REPOSITORY: 1}
    bench.repo.name = "keel-works/Octant"
    bench.repo.add(pull(2, "2026-10-17T12:00:00Z"))
    outcome = bench.extract()
    assert outcome.warnings == [
        f"{REPOSITORY} is called keel-works/octant now: change SOURCES__GITHUB_DELIVERY__REPOSITORIES"
    ]
    assert bench.github.paths(r"/pulls/\d+$") == ["/repos/keel-works/octant/pulls/2"]
    assert bench.rows("select account_id, repository, number from raw.pull_requests order by number") == [
        ("repository/1", REPOSITORY, 1),
        ("repository/1", "keel-works/octant", 2),
    ]
    assert bench.rows("select repository from raw.repositories order by 1") == [("keel-works/octant",), (REPOSITORY,)]


def test_an_empty_repository(bench: DeliveryBench) -> None:
    bench.repo.add(pull(1))
    for path in ("pulls/1/commits", f"git/ref/{ENTIRE}", f"git/ref/{NOTES}"):
        bench.github.refuse(f"{PATH}/{path}", 409, "Git Repository is empty.")
    outcome = bench.extract()
    assert told(outcome) == ""
    assert bench.rows("select number from raw.pull_requests") == [(1,)]
    assert bench.rows("select repository from raw.repositories") == [(REPOSITORY,)]


@pytest.mark.parametrize(
    ("path", "report", "permission"),
    [
        ("deployments", "deployments", "Deployments"),
        ("actions/runs", "workflow-runs", "Actions"),
        ("issues", "issues", "Issues"),
        (f"git/ref/{ENTIRE}", "checkpoints", "Contents"),
        ("pulls/1/reviews", "pull-requests", "Pull requests"),
    ],
)
def test_a_missing_permission_costs_that_report_alone(
    bench: DeliveryBench, path: str, report: str, permission: str
) -> None:
    bench.repo.add(pull(1))
    bench.repo.issues = {2: issue(2)}
    bench.repo.runs = [run(1, "2026-10-16T09:00:00Z")]
    bench.repo.deployments = [deployment(1, "2026-10-16T09:00:00Z", "success")]
    bench.repo.refs = {ENTIRE: {"aa/bbccddeeff/0/metadata.json": '{"session_id": "one"}'}}
    bench.github.refuse(f"{PATH}/{path}")
    outcome = bench.extract()
    assert [str(problem) for problem in outcome.problems] == [
        f"GitHub refuses {report} of {REPOSITORY} (Resource not accessible by personal access token). The token needs"
        f' the repository permission "{permission}" (read), or is a classic one with repo (authorized for SSO).'
    ]
    assert outcome.exit_code == ExitCode.MISSING_PERMISSION
    loaded = {name for (name,) in bench.rows("select distinct report from all.report_loads")}
    everything = {"repository", "pull-requests", "issues", "deployments", "workflow-runs", "checkpoints"}
    assert loaded == everything - {report}


def test_what_many_repositories_refuse_is_told_once(bench: DeliveryBench) -> None:
    bench.github.repos = [Repo(f"keel-works/part-{number}", number) for number in range(5)]
    bench.set(repositories=None, organizations='["keel-works"]')
    for number in range(5):
        bench.github.refuse(f"/repos/keel-works/part-{number}/deployments")
    problems = bench.extract().problems
    assert len(problems) == 1
    assert "deployments of keel-works/part-0, keel-works/part-1, keel-works/part-2 and 2 more" in str(problems[0])


@pytest.mark.parametrize("status", [403, 404])
def test_agent_tasks_that_are_refused_are_a_note(bench: DeliveryBench, status: int) -> None:
    bench.repo.add(pull(1))
    bench.github.refuse(f"/agents{PATH}/tasks", status)
    outcome = bench.extract()
    assert outcome.problems == []
    assert len(outcome.warnings) == 1
    assert "installation tokens are not supported" in outcome.warnings[0]
    assert bench.one("select count(*) from raw.repositories") == 1


def test_issues_that_are_switched_off(bench: DeliveryBench) -> None:
    bench.github.refuse(f"{PATH}/issues", 410, "Issues are disabled for this repo")
    bench.repo.add(pull(1))
    assert told(bench.extract()) == ""
    assert bench.rows("select number from raw.pull_requests") == [(1,)]
    bench.extract()
    assert bench.github.paths() == [PATH, f"{PATH}/issues", f"{PATH}/pulls"]
    bench.repo.add(pull(2, "2026-10-17T08:00:00Z"))
    bench.extract()
    assert bench.rows("select number from raw.pull_requests order by 1") == [(1,), (2,)]


@pytest.mark.parametrize(
    "answer", [json_response([{"full_name": "x"}]), json_response({"message": "Mona"}, 410), json_response({}, 422)]
)
def test_an_inventory_that_is_odd_costs_that_owner_alone(bench: DeliveryBench, answer: Response) -> None:
    bench.set(organizations='["lantern-yard"]')
    bench.repo.add(pull(1))
    bench.github.answers["/orgs/lantern-yard/repos"] = lambda _: answer
    outcome = bench.extract()
    assert [type(problem) for problem in outcome.problems] == [RequestFailed]
    assert "lantern-yard" in told(outcome)
    assert "Mona" not in told(outcome)
    assert bench.rows("select number from raw.pull_requests") == [(1,)]


def test_an_organization_that_is_refused(bench: DeliveryBench) -> None:
    bench.set(organizations='["lantern-yard"]')
    bench.repo.add(pull(1))
    bench.github.refuse("/orgs/lantern-yard/repos", 403, "SAML enforcement")
    outcome = bench.extract()
    assert "GitHub refuses repository of lantern-yard (SAML enforcement)" in told(outcome)
    assert bench.rows("select number from raw.pull_requests") == [(1,)]


def test_a_token_that_is_not_accepted(bench: DeliveryBench) -> None:
    bench.set(token="ghp_another")
    with pytest.raises(TokenRefused, match=r"does not accept the token \(Bad credentials\)"):
        bench.extract()


def test_a_token_that_ends_while_it_is_used(bench: DeliveryBench) -> None:
    bench.repo.add(pull(1))
    bench.github.refuse(f"{PATH}/deployments", 401, "Bad credentials")
    with pytest.raises(TokenRefused):
        bench.extract()
    assert bench.rows("select number from raw.pull_requests") == [(1,)]
    bench.github.answers.clear()
    bench.extract()
    assert bench.github.paths(r"/pulls/\d") == []
    assert bench.one("select count(*) from raw.repositories") == 1


def test_a_rate_limit_is_waited_out(bench: DeliveryBench) -> None:
    bench.repo.add(pull(1))
    answers = iter([Response(403, b"{}", {"retry-after": "17"})])
    bench.github.answers[f"{PATH}/pulls/1"] = lambda _: next(answers, None)
    assert bench.extract().exit_code == ExitCode.OK
    assert bench.waits == [17]
    assert bench.rows("select number from raw.pull_requests") == [(1,)]


def test_days_before_one_that_fails_stay_and_the_next_run_goes_on(bench: DeliveryBench) -> None:
    bench.repo.add(*(pull(number, f"2026-10-1{number}T12:00:00Z") for number in range(1, 5)))
    bench.github.answers[f"{PATH}/pulls/3/reviews"] = lambda _: Response(502)
    outcome = bench.extract()
    assert [type(problem) for problem in outcome.problems] == [RequestFailed]
    assert bench.rows("select number from raw.pull_requests order by 1") == [(1,), (2,)]
    bench.github.answers.clear()
    assert bench.extract().exit_code == ExitCode.OK
    assert bench.github.paths(r"/pulls/\d+$") == [f"{PATH}/pulls/3", f"{PATH}/pulls/4"]
    assert bench.rows("select number from raw.pull_requests order by 1") == [(1,), (2,), (3,), (4,)]


def test_an_answer_of_an_unknown_form_is_told_without_its_text(bench: DeliveryBench) -> None:
    bench.repo.runs = [run(1, "2026-10-16T09:00:00Z")]
    bench.github.answers[f"{PATH}/deployments"] = lambda _: json_response(["must never leak"])
    outcome = bench.extract()
    assert [str(problem) for problem in outcome.problems] == [
        f"deployments of {REPOSITORY}: an answer of an unknown form (TypeError)."
        " The vendor changed its API; report this."
    ]
    assert bench.rows("select run_id from raw.workflow_runs") == [(1,)]


# Settings and doctor


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"token": None}, "no GitHub token for delivery"),
        ({"repositories": None}, "no GitHub repositories to read"),
        ({"repositories": '["sextant"]'}, "'sextant' is not the name of a repository"),
        ({"organizations": "keel-works"}, "SOURCES__GITHUB_DELIVERY__ORGANIZATIONS has a value that cannot be used"),
    ],
)
def test_what_is_missing_is_named(bench: DeliveryBench, settings: dict[str, str | None], message: str) -> None:
    bench.set(**settings)
    with pytest.raises(ConfigurationError, match=message):
        github_delivery.load_settings()


def test_doctor_names_the_permission_that_is_missing(bench: DeliveryBench) -> None:
    bench.github.refuse(f"{PATH}/actions/runs")
    bench.github.refuse(f"/agents{PATH}/tasks", 404)
    found = {check.subject: check for check in github_delivery.checks(github_delivery.load_settings())}
    assert found["github_delivery repositories"].detail == "answers; 1 repositories"
    runs = found[f"{REPOSITORY} workflow-runs"]
    assert (runs.ok, runs.exit_code) == (False, ExitCode.MISSING_PERMISSION)
    assert '"Actions" (read)' in runs.detail
    assert found[f"{REPOSITORY} agent-tasks"].ok
    assert "Installation tokens are not supported" in found[f"{REPOSITORY} agent-tasks"].detail
    assert {check.detail for check in found.values() if check.subject.endswith(("pull-requests", "issues"))} == {
        "answers"
    }


def test_doctor_says_that_the_token_is_refused(bench: DeliveryBench) -> None:
    bench.set(token="ghp_another")
    (check,) = github_delivery.checks(github_delivery.load_settings())
    assert (check.ok, check.exit_code) == (False, ExitCode.MISSING_PERMISSION)
    assert issubclass(TokenRefused, PermissionMissing)
