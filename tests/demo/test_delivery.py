"""The server tells of repositories as GitHub does, and never of what comes after its today."""

from __future__ import annotations

import base64
import json
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from demo_client import Client, Serve

from demo.company import Company
from demo.constants import AS_OF, FIRST_AS_OF
from demo.work import CHECKOUT, DOCS, LEDGER, REPOSITORIES, Work, work
from demo.work_records import PullRequest

TODAY = datetime.combine(AS_OF, time(), UTC)


@pytest.fixture(scope="module")
def the_work(company: Company) -> Work:
    return work(company)


def items(client: Client, path: str, **query: object) -> list[dict[str, Any]]:
    return [item for answer in client.pages(path, **query) for item in answer.json()]


def expected(the_work: Work, repository: str) -> list[PullRequest]:
    return [one for one in the_work.pull_requests if one.repository == repository]


def test_the_inventory_has_the_organization_s_repositories(client: Client) -> None:
    found = items(client, "/orgs/quill-harbor-apps/repos", sort="pushed")
    assert sorted(one["full_name"] for one in found) == sorted(REPOSITORIES)
    assert client.get("/orgs/nobody-here/repos").status_code == 404


@pytest.mark.parametrize("repository", REPOSITORIES)
def test_pull_requests_come_in_the_order_of_change(client: Client, the_work: Work, repository: str) -> None:
    found = items(client, f"/repos/{repository}/pulls", state="all", sort="updated", direction="desc", per_page=100)
    assert [one["updated_at"] for one in found] == sorted((one["updated_at"] for one in found), reverse=True)
    assert sorted(one["number"] for one in found) == sorted(one.number for one in expected(the_work, repository))
    merged = sum(one["merged_at"] is not None for one in found)
    assert merged == sum(one.merged_at is not None and one.merged_at <= TODAY for one in expected(the_work, repository))


def test_sizes_and_who_merged_are_only_in_the_detail(client: Client, the_work: Work) -> None:
    one = next(one for one in expected(the_work, CHECKOUT) if one.is_merged)
    listed = items(client, f"/repos/{CHECKOUT}/pulls", per_page=100)[0]
    assert not {"additions", "merged_by"} & set(listed)
    detail = client.get(f"/repos/{CHECKOUT}/pulls/{one.number}").json()
    assert (detail["additions"], detail["deletions"]) == (one.additions, one.deletions)
    assert one.merged_by
    assert detail["merged_by"]["login"] == one.merged_by.login
    assert detail["merge_commit_sha"] == one.merge_commit_sha


def test_commits_carry_their_trailers(client: Client, the_work: Work) -> None:
    one = next(one for one in expected(the_work, LEDGER) if one.agent == "copilot_cloud_agent")
    (commit,) = items(client, f"/repos/{LEDGER}/pulls/{one.number}/commits")
    assert "\nAgent-Logs-Url: https://github.com/" in commit["commit"]["message"]
    assert commit["author"]["type"] == "Bot"


def test_reviews_and_timeline_belong_to_their_pull_request(client: Client, the_work: Work) -> None:
    one = next(one for one in expected(the_work, LEDGER) if one.agent == "copilot_cloud_agent")
    reviews = items(client, f"/repos/{LEDGER}/pulls/{one.number}/reviews")
    assert [review["state"] for review in reviews] == ["APPROVED"]
    events = [event["event"] for event in items(client, f"/repos/{LEDGER}/issues/{one.number}/timeline")]
    assert events == ["ready_for_review", "review_requested", "merged", "closed"]


def test_deployments_tell_how_they_ended(client: Client) -> None:
    found = items(client, f"/repos/{CHECKOUT}/deployments", per_page=100)
    assert [one["created_at"] for one in found] == sorted((one["created_at"] for one in found), reverse=True)
    last = [items(client, f"/repos/{CHECKOUT}/deployments/{one['id']}/statuses")[0]["state"] for one in found]
    assert last.count("failure") == 1
    assert set(last) == {"success", "failure"}
    assert not items(client, f"/repos/{DOCS}/deployments")


def test_runs_are_filtered_by_when_they_were_created(client: Client, the_work: Work) -> None:
    window = "2026-09-07T00:00:00Z..2026-09-13T23:59:59Z"
    answer = client.get(f"/repos/{CHECKOUT}/actions/runs", created=window, per_page=100).json()
    first, end = datetime(2026, 9, 7, tzinfo=UTC), datetime(2026, 9, 14, tzinfo=UTC)
    runs = [one for one in the_work.workflow_runs if one.repository == CHECKOUT and first <= one.started_at < end]
    assert answer["total_count"] == len(runs) > 0
    assert {one["id"] for one in answer["workflow_runs"]} == {one.run_id for one in runs}


def test_credits_of_agents_sessions_are_billionths(client: Client) -> None:
    tasks = client.get(f"/agents/repos/{LEDGER}/tasks").json()["tasks"]
    assert len(tasks) == 6
    assert "sessions" not in tasks[0]
    (session,) = client.get(f"/agents/repos/{LEDGER}/tasks/{tasks[0]['id']}").json()["sessions"]
    assert session["usage"] == {"type": "ai_credits", "amount": 4_200_000_000}


def test_checkpoints_and_notes_are_files_of_refs(client: Client, the_work: Work) -> None:
    for ref, number in (("heads/entire/checkpoints/v1", len(the_work.checkpoints)), ("notes/ai", len(the_work.notes))):
        commit = client.get(f"/repos/{CHECKOUT}/git/ref/{ref}").json()["object"]["sha"]
        tree = client.get(f"/repos/{CHECKOUT}/git/trees/{commit}", recursive=1).json()["tree"]
        assert len(tree) == number > 0
        blob = client.get(f"/repos/{CHECKOUT}/git/blobs/{tree[0]['sha']}").json()
        text = base64.b64decode(blob["content"]).decode()
        metadata = json.loads(text.rpartition("\n---\n")[2])
        named = metadata.get("session_id") or next(iter(metadata["sessions"].values()))["agent_id"]["id"]
        known = {one.session_id for one in the_work.checkpoints} | {one.session_id for one in the_work.notes}
        assert named in known
    assert client.get(f"/repos/{LEDGER}/git/ref/notes/ai").status_code == 404


def test_what_comes_later_is_not_told_yet(serve: Serve, the_work: Work) -> None:
    early = serve(as_of=FIRST_AS_OF)
    found = items(early, f"/repos/{CHECKOUT}/pulls", state="all", per_page=100)
    limit = f"{FIRST_AS_OF.isoformat()}T00:00:00Z"
    moments = [
        one[name] for one in found for name in ("created_at", "updated_at", "closed_at", "merged_at") if one[name]
    ]
    assert max(moments) <= limit
    assert any(one.created_at.date() >= FIRST_AS_OF for one in the_work.pull_requests) or any(
        one.merged_at and one.merged_at.date() >= date(2026, 10, 17) for one in the_work.pull_requests
    ), "the plant is gone: nothing happens between the demo's two days"


def test_a_repository_that_is_not_there_is_not_found(client: Client) -> None:
    assert client.get("/repos/quill-harbor-apps/nothing/pulls").status_code == 404
    assert client.get(f"/repos/{CHECKOUT}/pulls/99999").status_code == 404
