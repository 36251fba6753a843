"""Delivery, read from repositories that a test made up: what is loaded of pull requests, reviews and tasks."""

from __future__ import annotations

import json
import logging
from decimal import Decimal

import pytest

from dlt_pipelines.errors import ExitCode
from tests.dlt_pipelines.delivery_bench import (
    COPILOT,
    HUBOT,
    MONA,
    NOTES,
    ONE_DAY,
    PATH,
    REPOSITORY,
    TODAY,
    TOKEN,
    DeliveryBench,
    commit,
    issue,
    login_key,
    moment,
    one_repository,
    pull,
    run,
    sha,
    told,
)
from tests.dlt_pipelines.pseudonyms import KEY, key

__all__ = ["one_repository"]


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
        ("signed-off-by", None, key("email", "mona@keel.example"))
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
        ("t1", 7, "copilot/x", key("github_user", 501)),
        ("t2", None, None, key("github_user", 501)),
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
