"""GitHub's JSON of the invented company's repositories, as it stands at a moment: nothing of what comes later."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from demo.work import Work
from demo.work_records import Actor, CloudSession, Commit, Deployment, Issue, PullRequest, WorkflowRun, sha_of

Json = dict[str, Any]

BILLION = 10**9


def moment(value: datetime | None, now: datetime) -> str | None:
    """A moment as GitHub writes it; None for what has not happened by now."""
    return f"{value:%Y-%m-%dT%H:%M:%SZ}" if value and value <= now else None


def user(actor: Actor) -> Json:
    """Somebody, as every answer has them."""
    kind = "Bot" if actor.kind == "bot" else "User"
    return {"login": actor.login, "id": actor.user_id, "type": kind, "site_admin": False}


def pull_request_id(one: PullRequest) -> int:
    """GitHub's own number of a pull request, another one than in its address."""
    return int(sha_of(one.key)[:10], 16)


def changed_at(one: PullRequest, now: datetime) -> datetime:
    """When something last happened to a pull request by now."""
    moments = (
        *(one.ready_at, one.merged_at, one.closed_at),
        *(review.submitted_at for review in one.reviews),
        *(commit.committed_at for commit in one.commits),
    )
    return max(one.created_at, *(at for at in moments if at and at <= now), one.created_at)


def repository(name: str, work: Work, now: datetime) -> Json:
    """A repository of an inventory."""
    owner, short = name.split("/")
    commits = (commit for one in work.pull_requests if one.repository == name for commit in one.commits)
    pushed = max((commit.committed_at for commit in commits if commit.committed_at <= now), default=None)
    return {
        "id": int(sha_of(name)[:8], 16),
        "name": short,
        "full_name": name,
        "owner": {"login": owner, "type": "Organization"},
        "private": True,
        "archived": False,
        "default_branch": "main",
        "pushed_at": moment(pushed, now),
    }


def commits_by(one: PullRequest, now: datetime) -> list[Commit]:
    """The commits that a pull request has by now."""
    return [commit for commit in one.commits if commit.committed_at <= now]


def pull_request(one: PullRequest, now: datetime, *, detail: bool) -> Json:
    """A pull request; sizes and who merged it are in its detail only."""
    is_closed = one.closed_at is not None and one.closed_at <= now
    merged_at = moment(one.merged_at, now)
    commits = commits_by(one, now)
    found = {
        "id": pull_request_id(one),
        "number": one.number,
        "state": "closed" if is_closed else "open",
        "title": one.title,
        "body": one.body,
        "user": user(one.author),
        "draft": one.is_draft or (one.ready_at is not None and one.ready_at > now),
        "created_at": moment(one.created_at, now),
        "updated_at": moment(changed_at(one, now), now),
        "closed_at": moment(one.closed_at, now),
        "merged_at": merged_at,
        "merge_commit_sha": one.merge_commit_sha if merged_at else None,
        "head": {"ref": one.head_ref, "sha": commits[-1].sha if commits else one.head_sha},
        "base": {"ref": one.base_ref},
        "labels": [{"name": name} for name in one.labels],
    }
    if detail:
        found |= {
            "merged": merged_at is not None,
            "merged_by": user(one.merged_by) if merged_at and one.merged_by else None,
            "additions": one.additions,
            "deletions": one.deletions,
            "changed_files": one.changed_files,
            "commits": len(commits),
        }
    return found


def commit(one: Commit) -> Json:
    """A commit of a pull request."""
    who = {"name": one.author.name, "email": one.author.email, "date": f"{one.committed_at:%Y-%m-%dT%H:%M:%SZ}"}
    return {
        "sha": one.sha,
        "commit": {"message": one.message, "author": who, "committer": who},
        "author": user(one.author),
        "committer": user(one.author),
    }


def reviews(one: PullRequest, now: datetime) -> list[Json]:
    """The reviews of a pull request so far."""
    return [
        {
            "id": 10 * pull_request_id(one) + number,
            "user": user(review.reviewer),
            "state": review.state,
            "submitted_at": moment(review.submitted_at, now),
            "commit_id": one.commits[0].sha,
            "body": "",
        }
        for number, review in enumerate(one.reviews)
        if review.submitted_at <= now
    ]


def timeline(one: PullRequest, now: datetime) -> list[Json]:
    """What happened to a pull request, in order."""
    events: list[tuple[datetime, str, Actor, str | None]] = []
    if one.ready_at:
        events.append((one.ready_at, "ready_for_review", one.author, None))
    if one.review_requested_at:
        events.append((one.review_requested_at, "review_requested", one.author, None))
    if one.merged_at:
        events.append((one.merged_at, "merged", one.merged_by or one.author, one.merge_commit_sha))
    if one.closed_at:
        events.append((one.closed_at, "closed", one.merged_by or one.author, None))
    return [
        {"id": 100 * pull_request_id(one) + number, "event": event, "actor": user(actor), "commit_id": sha}
        | {"created_at": moment(at, now)}
        for number, (at, event, actor, sha) in enumerate(sorted(events, key=lambda event: event[0]))
        if at <= now
    ]


def issue(one: Issue, now: datetime) -> Json:
    """An issue."""
    closed = moment(one.closed_at, now)
    return {
        "number": one.number,
        "state": "closed" if closed else "open",
        "title": one.title,
        "user": user(one.author),
        "created_at": moment(one.created_at, now),
        "updated_at": closed or moment(one.created_at, now),
        "closed_at": closed,
        "labels": [{"name": name} for name in one.labels],
    }


def pull_as_issue(one: PullRequest, now: datetime) -> Json:
    """A pull request in the list of issues, where GitHub shows it too."""
    found = pull_request(one, now, detail=False)
    kept = ("number", "state", "title", "user", "created_at", "updated_at", "closed_at", "labels")
    return {**{name: found[name] for name in kept}, "pull_request": {"merged_at": found["merged_at"]}}


def deployment(one: Deployment) -> Json:
    """A deployment."""
    return {
        "id": one.deployment_id,
        "sha": one.sha,
        "ref": one.ref,
        "environment": one.environment,
        "production_environment": one.environment == "production",
        "created_at": f"{one.created_at:%Y-%m-%dT%H:%M:%SZ}",
    }


def deployment_statuses(one: Deployment, now: datetime) -> list[Json]:
    """The statuses of a deployment so far, the newest first as GitHub has them."""
    return [
        {"id": 10 * one.deployment_id + number, "state": state, "created_at": moment(at, now)}
        for number, (state, at) in reversed(list(enumerate(one.statuses)))
        if at <= now
    ]


def workflow_run(one: WorkflowRun, now: datetime) -> Json:
    """A run of a workflow."""
    is_done = one.updated_at <= now
    return {
        "id": one.run_id,
        "name": one.name,
        "path": one.path,
        "head_sha": one.head_sha,
        "head_branch": one.head_branch,
        "event": one.event,
        "status": "completed" if is_done else "in_progress",
        "conclusion": one.conclusion if is_done else None,
        "created_at": moment(one.started_at, now),
        "run_started_at": moment(one.started_at, now),
        "updated_at": moment(one.updated_at, now) or moment(one.started_at, now),
        "run_attempt": one.attempt,
        "actor": user(one.actor),
        "triggering_actor": user(one.actor),
    }


def agent_task(one: CloudSession, pulls: Iterable[PullRequest], *, detail: bool) -> Json:
    """A task of Copilot's cloud agent; its sessions are in its detail only, their credits in billionths."""
    pull = next(pull for pull in pulls if (pull.repository, pull.number) == (one.repository, one.number))
    created, completed = (f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in (one.created_at, one.completed_at))
    found: Json = {
        "id": one.task_id,
        "state": one.state,
        "creator": {"id": one.creator.user_id, "login": one.creator.login},
        "created_at": created,
        "updated_at": completed,
        "artifacts": [
            {"type": "pull", "data": {"id": pull_request_id(pull)}},
            {"type": "branch", "data": {"head_ref": one.head_ref, "base_ref": "main"}},
        ],
    }
    if detail:
        found["sessions"] = [
            {
                "id": one.session_id,
                "user": {"id": one.creator.user_id},
                "state": one.state,
                "created_at": created,
                "completed_at": completed,
                "model": one.model,
                "head_ref": one.head_ref,
                "base_ref": "main",
                "prompt": "What somebody asked for stays with GitHub.",
                "usage": {"type": "ai_credits", "amount": int(one.ai_credits * BILLION)},
                "error": None,
            }
        ]
    return found
