"""What delivery asks GitHub for: what has changed, what went on, and nothing twice."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from demo.local_server import Request, Response
from dlt_pipelines import github_delivery
from dlt_pipelines.errors import ExitCode, RequestFailed
from dlt_pipelines.github_client import github_client
from dlt_pipelines.github_delivery.endpoints import Endpoints
from dlt_pipelines.github_delivery.settings import API_VERSION
from tests.dlt_pipelines.delivery_bench import (
    ENTIRE,
    HUBOT,
    NOTES,
    ONE_DAY,
    PATH,
    REPOSITORY,
    TODAY,
    DeliveryBench,
    Repo,
    commit,
    deployment,
    issue,
    moment,
    one_repository,
    pull,
    run,
    sha,
    told,
)

__all__ = ["one_repository"]


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
