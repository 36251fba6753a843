"""GitHub's JSON to rows of the raw tables. Texts that people wrote are looked at here, and left behind."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from dlt_pipelines.branches import Branches
from dlt_pipelines.github_delivery import trailers as said
from dlt_pipelines.identifiers import Pseudonymizer

Json = dict[str, Any]
Row = dict[str, Any]
Rows = dict[str, list[Row]]

TIMELINE_EVENTS = frozenset(
    ("ready_for_review", "convert_to_draft", "review_requested", "merged", "closed", "reopened")
)
BILLIONTH = Decimal(1).scaleb(-9)
# A word of GitHub's own, no sentence.
_WORD = re.compile(r"[\w.-]{1,60}")
_HASH = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_CHECKPOINT = re.compile(r"([0-9a-f]{2})/([0-9a-f]{10})/(?:(\d{1,4})/)?metadata\.json")


@dataclass(frozen=True)
class Repository:
    """A repository as GitHub's inventory tells of it; `name` is owner/name in lower case."""

    repository_id: int
    name: str
    default_branch: str | None
    is_private: bool | None
    is_archived: bool | None
    pushed_at: datetime | None

    @property
    def account_id(self) -> str:
        """The id under which the manifest keeps it: a renamed repository stays the same."""
        return f"repository/{self.repository_id}"


@dataclass(frozen=True)
class PullRequest:
    """What GitHub answered about one pull request."""

    detail: Json
    commits: list[Json]
    reviews: list[Json]
    timeline: list[Json]


@dataclass(frozen=True)
class Blob:
    """A file of a tree that is wanted: which checkpoint's or commit's, and its hash."""

    key: str
    index: int
    sha: str


def instant(text: Any) -> datetime | None:
    """A moment of GitHub's in UTC; None for none."""
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def repository(record: Json) -> Repository:
    """A repository of an inventory."""
    return Repository(
        int(record["id"]),
        str(record["full_name"]).lower(),
        record.get("default_branch"),
        record.get("private"),
        record.get("archived"),
        instant(record.get("pushed_at")),
    )


def labels(record: Json) -> str:
    """The names of an issue's or pull request's labels as a JSON array, sorted."""
    found = (label.get("name") if isinstance(label, dict) else label for label in record.get("labels") or [])
    return json.dumps(sorted({str(name) for name in found if name}), ensure_ascii=False)


def issue(record: Json) -> Row:
    """A row of `issues`."""
    return {
        "number": record["number"],
        "state": record.get("state"),
        "created_at": instant(record.get("created_at")),
        "updated_at": instant(record.get("updated_at")),
        "closed_at": instant(record.get("closed_at")),
        "labels": labels(record),
    }


class Records:
    """Makes rows; people become keys of the pseudonymizer, in the namespace of Copilot's logins.

    Branches are looked at by their own names, and loaded without what may be somebody's login.
    """

    def __init__(self, pseudonymizer: Pseudonymizer) -> None:
        self._key = pseudonymizer.key
        self._branches = Branches(pseudonymizer)
        self._branch = self._branches.masked

    def person(self, role: str, user: Json | None, *, bot_login: bool = True) -> Row:
        """The columns of somebody; a deleted user is nobody."""
        login = (user or {}).get("login")
        kind = _kind(user or {}, login)
        row = {f"{role}_key": self._key("github_login", login), f"{role}_kind": kind}
        if bot_login:
            row[f"{role}_bot_login"] = login if kind in ("bot", "app") else None
        return row

    def repository(self, one: Repository) -> Row:
        """A row of `repositories`."""
        return {
            "repository_id": one.repository_id,
            "default_branch": self._branch(one.default_branch),
            "is_private": one.is_private,
            "is_archived": one.is_archived,
            "pushed_at": one.pushed_at,
        }

    def pull_request(self, repository_name: str, found: PullRequest) -> Rows:
        """Rows of everything that is read of a pull request, by table."""
        detail = found.detail
        number = detail["number"]
        head, body = detail.get("head") or {}, detail.get("body")
        messages = [str((one.get("commit") or {}).get("message") or "") for one in found.commits]
        reverted = said.revert(detail.get("title"), body, head.get("ref"), messages, repository_name)
        row = {
            "number": number,
            "pull_request_id": detail.get("id"),
            **self.person("author", detail.get("user")),
            "state": detail.get("state"),
            "is_draft": detail.get("draft"),
            **{name: instant(detail.get(name)) for name in ("created_at", "updated_at", "closed_at", "merged_at")},
            **self.person("merged_by", detail.get("merged_by"), bot_login=False),
            "merge_commit_sha": detail.get("merge_commit_sha"),
            "head_ref": self._branch(head.get("ref")),
            "head_sha": head.get("sha"),
            "base_ref": self._branch((detail.get("base") or {}).get("ref")),
            **{name: detail.get(name) for name in ("additions", "deletions", "changed_files", "commits")},
            "labels": labels(detail),
            "body_signals": json.dumps(said.body_signals(body)),
            "session_urls": json.dumps([self._branches.in_address(url) for url in said.session_urls(body)]),
            "reverts_number": reverted.number,
            "reverts_sha": reverted.sha,
            "is_revert": reverted.is_revert,
        }
        if not detail.get("merged_at"):
            row["merged_by_kind"] = None
        return {
            "pull_requests": [row],
            "pull_request_issues": _issues_of(number, repository_name, detail, head.get("ref"), messages),
            "pull_request_commits": [
                self._commit(number, ordinal, commit) for ordinal, commit in enumerate(found.commits, 1)
            ],
            "commit_trailers": [
                row
                for commit, message in zip(found.commits, messages, strict=True)
                for row in self._trailers(number, commit["sha"], message)
            ],
            "reviews": [self._review(number, review) for review in found.reviews],
            "timeline_events": [
                self._event(number, ordinal, event)
                for ordinal, event in enumerate(found.timeline, 1)
                if event.get("event") in TIMELINE_EVENTS
            ],
        }

    def _commit(self, number: int, ordinal: int, commit: Json) -> Row:
        inner = commit.get("commit") or {}
        who = said.identity((inner.get("author") or {}).get("email"))
        row = {
            "number": number,
            "sha": commit["sha"],
            "ordinal": ordinal,
            "committed_at": instant((inner.get("committer") or {}).get("date")),
            **self.person("author", commit.get("author")),
        }
        if who.bot_login and row["author_kind"] not in ("bot", "app"):
            # Some agents commit with an address that GitHub shows as somebody's.
            row |= self.person("author", {"login": who.bot_login, "type": "Bot"})
        elif row["author_kind"] == "unknown" and who.login:
            row |= self.person("author", {"login": who.login, "type": "User"})
        return row

    def _trailers(self, number: int, sha: str, message: str) -> list[Row]:
        return [
            {
                "number": number,
                "sha": sha,
                "ordinal": ordinal,
                "trailer_key": trailer.key,
                "trailer_value": self._branches.in_address(trailer.value),
                "agent": trailer.agent,
                "model_named": trailer.model,
                "person_key": self._key("github_login", trailer.login) or self._key("email", trailer.email),
            }
            for ordinal, trailer in enumerate(said.trailers(message), 1)
        ]

    def _review(self, number: int, review: Json) -> Row:
        return {
            "number": number,
            "review_id": review["id"],
            **self.person("reviewer", review.get("user")),
            "state": review.get("state"),
            "submitted_at": instant(review.get("submitted_at")),
            "commit_sha": review.get("commit_id"),
        }

    def _event(self, number: int, ordinal: int, event: Json) -> Row:
        return {
            "number": number,
            "event_ordinal": ordinal,
            "event": event["event"],
            "occurred_at": instant(event.get("created_at")),
            **self.person("actor", event.get("actor"), bot_login=False),
            "commit_sha": event.get("commit_id"),
        }

    def workflow_run(self, run: Json) -> Row:
        """A row of `workflow_runs`."""
        return {
            "run_id": run["id"],
            "workflow_name": run.get("name"),
            "path": self._workflow_path(run.get("path")),
            "head_branch": self._branch(run.get("head_branch")),
            **{name: run.get(name) for name in ("head_sha", "event", "status", "conclusion")},
            "started_at": instant(run.get("run_started_at") or run.get("created_at")),
            "updated_at": instant(run.get("updated_at")),
            "run_attempt": run.get("run_attempt"),
            **self.person("actor", run.get("triggering_actor") or run.get("actor"), bot_login=False),
        }

    def _workflow_path(self, path: str | None) -> str | None:
        """The file of a workflow; of one that lies elsewhere, GitHub puts the branch behind an @."""
        file, at, branch = (path or "").partition("@")
        return f"{file}{at}{self._branch(branch)}" if path else path

    def agent_task(self, task: Json, numbers: Mapping[int, int]) -> Rows:
        """Rows of a task and its sessions; `numbers` are the pull requests' by their ids. Prompts stay behind."""
        artifacts = [(one.get("type"), one.get("data") or {}) for one in task.get("artifacts") or []]
        pull = next((data for kind, data in artifacts if kind in ("pull", "pull_request")), {})
        branch = next((data for kind, data in artifacts if kind == "branch"), {})
        sessions = task.get("sessions") or []
        creator = task.get("creator") or {}
        return {
            "agent_tasks": [
                {
                    "task_id": str(task["id"]),
                    "state": task.get("state"),
                    "created_at": instant(task.get("created_at")),
                    "updated_at": instant(task.get("updated_at")),
                    "creator_key": self._key("github_login", creator.get("login"))
                    or self._key("github_user", creator.get("id")),
                    "pull_request_number": pull.get("number") or numbers.get(pull.get("id", -1)),
                    "pull_request_id": pull.get("id"),
                    "head_ref": self._branch(
                        branch.get("head_ref")
                        or next((one["head_ref"] for one in reversed(sessions) if one.get("head_ref")), None)
                    ),
                }
            ],
            "agent_sessions": [self._agent_session(str(task["id"]), session) for session in sessions],
        }

    def _agent_session(self, task_id: str, session: Json) -> Row:
        error = session.get("error")
        kind = (error.get("type") or error.get("code")) if isinstance(error, dict) else error
        return {
            "task_id": task_id,
            "session_id": str(session["id"]),
            "state": session.get("state"),
            "created_at": instant(session.get("created_at")),
            "completed_at": instant(session.get("completed_at")),
            "model": session.get("model"),
            "head_ref": self._branch(session.get("head_ref")),
            "base_ref": self._branch(session.get("base_ref")),
            **_usage(session.get("usage")),
            "error_type": kind if _WORD.fullmatch(str(kind or "")) else "other" if error else None,
        }

    def deployment(self, record: Json, statuses: Iterable[Json]) -> Rows:
        """Rows of a deployment and its statuses."""
        ref = record.get("ref")
        return {
            "deployments": [
                {
                    "deployment_id": record["id"],
                    "sha": record.get("sha"),
                    "ref": self._branch(ref),
                    # Of a preview it may be named after the branch.
                    "environment": self._branches.within(record.get("environment"), ref),
                    "is_production": record.get("production_environment"),
                    "created_at": instant(record.get("created_at")),
                }
            ],
            "deployment_statuses": [
                {
                    "deployment_id": record["id"],
                    "status_id": status["id"],
                    "state": status.get("state"),
                    "created_at": instant(status.get("created_at")),
                }
                for status in statuses
            ],
        }

    def checkpoint(self, blob: Blob, text: str) -> list[Row]:
        """The row of a session's metadata; none where the file is no such thing."""
        metadata = _object(text)
        if not metadata.get("session_id"):
            return []
        return [
            {
                "checkpoint_id": blob.key,
                "session_index": blob.index,
                "session_id": str(metadata["session_id"]),
                "created_at": instant(metadata.get("created_at")),
                "branch": self._branch(metadata.get("branch")),
                "blob_sha": blob.sha,
            }
        ]


def checkpoint_blobs(tree: Iterable[Json]) -> list[Blob]:
    """The files of Entire's branch that tell of sessions; one session lay beside the checkpoint's own in older ones."""
    found: dict[str, dict[int | None, str]] = {}
    for entry in tree:
        match = _CHECKPOINT.fullmatch(str(entry.get("path")))
        if match and entry.get("type") == "blob":
            index = int(match[3]) if match[3] else None
            found.setdefault(match[1] + match[2], {})[index] = entry["sha"]
    blobs = []
    for checkpoint, files in sorted(found.items()):
        summed_up = len(files) > 1
        for index, sha in sorted(files.items(), key=lambda file: -1 if file[0] is None else file[0]):
            if not (index is None and summed_up):
                blobs.append(Blob(checkpoint, index or 0, sha))
    return blobs


def note_blobs(tree: Iterable[Json], wanted: set[str]) -> list[Blob]:
    """The notes of the wanted commits; git spreads them over folders as they grow in number."""
    found = ((str(entry.get("path")).replace("/", ""), entry) for entry in tree if entry.get("type") == "blob")
    return [Blob(sha, 0, entry["sha"]) for sha, entry in found if _HASH.fullmatch(sha) and sha in wanted]


def content(blob: Json) -> str:
    """The text of a blob; what is not text becomes question marks."""
    if blob.get("encoding") == "base64":
        return base64.b64decode(blob.get("content") or "").decode(errors="replace")
    return str(blob.get("content") or "")


def commit_note(blob: Blob, text: str) -> list[Row]:
    """A row for each agent's session that a git-ai note names: its JSON stands after a line of dashes."""
    _, divider, after = f"\n{text}".partition("\n---\n")
    metadata = _object(after if divider else text)
    rows = {}
    for found in (metadata.get("prompts"), metadata.get("sessions")):
        for session in found.values() if isinstance(found, dict) else ():
            agent = session.get("agent_id") if isinstance(session, dict) else None
            if isinstance(agent, dict) and agent.get("id"):
                rows[agent.get("tool"), agent["id"]] = {
                    "sha": blob.key,
                    "tool": agent.get("tool"),
                    "session_id": str(agent["id"]),
                    "model": agent.get("model"),
                    "blob_sha": blob.sha,
                }
    return list(rows.values())


def _object(text: str) -> Json:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _kind(user: Json, login: str | None) -> str:
    if not login:
        return "unknown"
    if user.get("type") == "Bot" or login.endswith("[bot]"):
        return "bot"
    return {"User": "user", "App": "app", "Integration": "app"}.get(str(user.get("type") or "User"), "unknown")


def _issues_of(
    number: int, repository_name: str, detail: Json, branch: str | None, messages: Iterable[str]
) -> list[Row]:
    texts = [detail.get("title"), detail.get("body"), *messages]
    closing = dict.fromkeys(found for text in texts for found in said.closed_issues(text, repository_name))
    named = said.branch_issue(branch)
    evidence = [(found, "closing_keyword") for found in closing]
    evidence += [(named, "branch_name")] if named else []
    return [{"number": number, "issue_number": found, "evidence": kind} for found, kind in evidence if found != number]


def _usage(usage: Any) -> Row:
    """AI credits (from billionths) and premium requests; None for what GitHub does not say."""
    found: dict[str, Decimal] = {}
    for part in usage if isinstance(usage, list) else [usage]:
        if isinstance(part, dict) and part.get("amount") is not None:
            found[part["type"]] = found.get(part["type"], Decimal(0)) + Decimal(str(part["amount"]))
    billionths = found.get("ai_credits")
    return {
        "ai_credits": (billionths * BILLIONTH).quantize(BILLIONTH) if billionths is not None else None,
        "premium_requests": found.get("premium_requests"),
    }
