"""GitHub's answers about the invented company's repositories: what was worked on, merged and deployed, and by whom."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from hashlib import sha1
from http import HTTPStatus
from typing import Any

from demo import delivery_records as records
from demo.github_api import page_of
from demo.github_faults import error
from demo.local_server import Request, Response, json_response
from demo.work import Work
from demo.work_records import PullRequest

Json = dict[str, Any]

PER_PAGE = 30
MOST_RUNS = 1000
CHECKPOINTS, NOTES = "heads/entire/checkpoints/v1", "notes/ai"


@dataclass(frozen=True)
class Asked:
    """A request about a repository that exists; `names` are the other parts of its path."""

    request: Request
    repository: str
    now: datetime
    names: dict[str, str]

    @property
    def number(self) -> int:
        """The number in the path."""
        return int(self.names["number"])

    def is_here(self, one: Any) -> bool:
        """Whether something belongs to the repository."""
        return bool(one.repository == self.repository)


class DeliveryApi:
    """Answers requests about repositories, as they stand at the beginning of a day."""

    def __init__(self, work: Work) -> None:
        """Answer about somebody's work."""
        self._work = work
        self._repositories = sorted({one.repository for one in work.pull_requests})

    def answer(self, request: Request, as_of: date) -> Response | None:
        """The answer to a request whose credentials are good; None when it does not concern a repository."""
        now = datetime.combine(as_of, time(), UTC)
        listed = re.fullmatch(r"/orgs/([\w-]+)/repos", request.path)
        mine = [name for name in self._repositories if listed and name.startswith(f"{listed[1]}/")]
        if mine:
            return _list(request, [records.repository(name, self._work, now) for name in mine])
        match = re.fullmatch(r"(?:/agents)?/repos/([\w-]+/[\w.-]+)(?:/.*)?", request.path)
        if not match:
            return None
        if match[1] not in self._repositories:
            return error(HTTPStatus.NOT_FOUND, "Not Found")
        for pattern, handler in ROUTES:
            found = pattern.fullmatch(request.path)
            if found and request.method == "GET":
                names = found.groupdict()
                return handler(self, Asked(request, names.pop("repository"), now, names))
        return error(HTTPStatus.NOT_FOUND, "Not Found")

    def repository(self, asked: Asked) -> Response:
        """The repository."""
        return json_response(records.repository(asked.repository, self._work, asked.now))

    def _pulls(self, asked: Asked) -> list[PullRequest]:
        return [one for one in self._work.pull_requests if asked.is_here(one) and one.created_at <= asked.now]

    def pulls(self, asked: Asked) -> Response:
        """Pull requests, the last that changed first."""
        found = sorted(
            self._pulls(asked), key=lambda one: (records.changed_at(one, asked.now), one.number), reverse=True
        )
        return _list(asked.request, [records.pull_request(one, asked.now, detail=False) for one in found])

    def _of_pull(self, asked: Asked, of: Callable[[PullRequest, datetime], Any]) -> Response:
        one = next((one for one in self._pulls(asked) if one.number == asked.number), None)
        if one is None:
            return error(HTTPStatus.NOT_FOUND, "Not Found")
        found = of(one, asked.now)
        return _list(asked.request, found) if isinstance(found, list) else json_response(found)

    def pull(self, asked: Asked) -> Response:
        """A pull request."""
        return self._of_pull(asked, lambda one, now: records.pull_request(one, now, detail=True))

    def commits(self, asked: Asked) -> Response:
        """The commits of a pull request."""
        return self._of_pull(
            asked, lambda one, now: [records.commit(commit) for commit in records.commits_by(one, now)]
        )

    def reviews(self, asked: Asked) -> Response:
        """The reviews of a pull request."""
        return self._of_pull(asked, records.reviews)

    def timeline(self, asked: Asked) -> Response:
        """What happened to a pull request."""
        return self._of_pull(asked, records.timeline)

    def issues(self, asked: Asked) -> Response:
        """Issues, and pull requests among them, that changed since a moment."""
        found = [records.issue(one, asked.now) for one in self._work.issues if asked.is_here(one)]
        found = [one for one in found if one["created_at"]]
        found += [records.pull_as_issue(one, asked.now) for one in self._pulls(asked)]
        since = asked.request.query.get("since", "")
        return _list(
            asked.request,
            sorted((one for one in found if one["updated_at"] >= since), key=lambda one: one["updated_at"]),
        )

    def deployments(self, asked: Asked) -> Response:
        """Deployments, the newest first."""
        found = [one for one in self._work.deployments if asked.is_here(one) and one.created_at <= asked.now]
        found.sort(key=lambda one: one.created_at, reverse=True)
        return _list(asked.request, [records.deployment(one) for one in found])

    def statuses(self, asked: Asked) -> Response:
        """The statuses of a deployment."""
        for one in self._work.deployments:
            if asked.is_here(one) and one.deployment_id == asked.number:
                return _list(asked.request, records.deployment_statuses(one, asked.now))
        return error(HTTPStatus.NOT_FOUND, "Not Found")

    def runs(self, asked: Asked) -> Response:
        """Runs of workflows created between two moments; no more than a thousand of one question."""
        first, _, last = asked.request.query.get("created", "..").partition("..")
        found = [one for one in self._work.workflow_runs if asked.is_here(one) and one.started_at <= asked.now]
        runs = [records.workflow_run(one, asked.now) for one in found]
        runs = [one for one in runs if first <= one["created_at"] and (not last or one["created_at"] <= last)]
        runs.sort(key=lambda one: str(one["created_at"]), reverse=True)
        page, link = page_of(asked.request, runs[:MOST_RUNS], PER_PAGE)
        return json_response({"total_count": len(runs), "workflow_runs": page}, headers=link)

    def tasks(self, asked: Asked) -> Response:
        """Tasks of Copilot's cloud agent."""
        found = [one for one in self._work.cloud_sessions if asked.is_here(one) and one.completed_at <= asked.now]
        is_archived = asked.request.query.get("is_archived") == "true"
        tasks = [records.agent_task(one, self._work.pull_requests, detail=False) for one in found]
        page, link = page_of(asked.request, [] if is_archived else tasks, PER_PAGE)
        return json_response({"tasks": page, "total_active_count": len(tasks)}, headers=link)

    def task(self, asked: Asked) -> Response:
        """A task with its session."""
        for one in self._work.cloud_sessions:
            if asked.is_here(one) and one.task_id == asked.names["name"]:
                return json_response(records.agent_task(one, self._work.pull_requests, detail=True))
        return error(HTTPStatus.NOT_FOUND, "Not Found")

    def ref(self, asked: Asked) -> Response:
        """The commit of a ref that agents keep their metadata under."""
        files = self._files(asked).get(asked.names["name"])
        if not files:
            return error(HTTPStatus.NOT_FOUND, "Not Found")
        return json_response({"ref": f"refs/{asked.names['name']}", "object": {"sha": _tree_id(files)}})

    def tree(self, asked: Asked) -> Response:
        """The files below a commit of such a ref."""
        for files in self._files(asked).values():
            if files and _tree_id(files) == asked.names["name"]:
                entries = [{"path": path, "type": "blob", "sha": _blob_id(text)} for path, text in files.items()]
                return json_response({"sha": asked.names["name"], "truncated": False, "tree": entries})
        return error(HTTPStatus.NOT_FOUND, "Not Found")

    def blob(self, asked: Asked) -> Response:
        """One of those files."""
        for files in self._files(asked).values():
            for text in files.values():
                if _blob_id(text) == asked.names["name"]:
                    content = base64.b64encode(text.encode()).decode()
                    return json_response({"sha": asked.names["name"], "encoding": "base64", "content": content})
        return error(HTTPStatus.NOT_FOUND, "Not Found")

    def _files(self, asked: Asked) -> dict[str, dict[str, str]]:
        """What agents keep in the repository beside its code: path to text, by ref."""
        committed = {commit.sha for one in self._pulls(asked) for commit in records.commits_by(one, asked.now)}
        checkpoints = {
            f"{one.checkpoint_id[:2]}/{one.checkpoint_id[2:]}/{one.session_index}/metadata.json": json.dumps(
                {"session_id": one.session_id, "created_at": f"{one.created_at:%Y-%m-%dT%H:%M:%SZ}"}
                | {"branch": one.branch, "checkpoint_id": one.checkpoint_id}
            )
            for one in self._work.checkpoints
            if asked.is_here(one) and one.created_at <= asked.now
        }
        notes = {
            f"{one.sha[:2]}/{one.sha[2:]}": "src/app\n  s_0 1-20\n---\n"
            + json.dumps(
                {
                    "schema_version": "authorship/3.0.0",
                    "base_commit_sha": one.sha,
                    "sessions": {
                        f"s_{one.sha[:14]}": {"agent_id": {"tool": one.tool, "id": one.session_id, "model": one.model}}
                    },
                }
            )
            for one in self._work.notes
            if asked.is_here(one) and one.sha in committed
        }
        return {CHECKPOINTS: checkpoints, NOTES: notes}


def _blob_id(text: str) -> str:
    return sha1(f"blob {len(text)}\0{text}".encode(), usedforsecurity=False).hexdigest()


def _tree_id(files: dict[str, str]) -> str:
    return sha1("".join(f"{path} {_blob_id(text)}\n" for path, text in files.items()).encode()).hexdigest()


def _list(request: Request, items: list[Any]) -> Response:
    page, link = page_of(request, items, PER_PAGE)
    return json_response(page, headers=link)


Handler = Callable[[DeliveryApi, Asked], Response]
REPOSITORY = r"/repos/(?P<repository>[\w-]+/[\w.-]+)"
NUMBER, NAME = r"(?P<number>\d+)", r"(?P<name>[\w-]+)"
PATHS: tuple[tuple[str, Handler], ...] = (
    (REPOSITORY, DeliveryApi.repository),
    (f"{REPOSITORY}/pulls", DeliveryApi.pulls),
    (f"{REPOSITORY}/pulls/{NUMBER}", DeliveryApi.pull),
    (f"{REPOSITORY}/pulls/{NUMBER}/commits", DeliveryApi.commits),
    (f"{REPOSITORY}/pulls/{NUMBER}/reviews", DeliveryApi.reviews),
    (f"{REPOSITORY}/issues/{NUMBER}/timeline", DeliveryApi.timeline),
    (f"{REPOSITORY}/issues", DeliveryApi.issues),
    (f"{REPOSITORY}/deployments", DeliveryApi.deployments),
    (f"{REPOSITORY}/deployments/{NUMBER}/statuses", DeliveryApi.statuses),
    (f"{REPOSITORY}/actions/runs", DeliveryApi.runs),
    (f"/agents{REPOSITORY}/tasks", DeliveryApi.tasks),
    (f"/agents{REPOSITORY}/tasks/{NAME}", DeliveryApi.task),
    (f"{REPOSITORY}/git/ref/(?P<name>.+)", DeliveryApi.ref),
    (f"{REPOSITORY}/git/trees/{NAME}", DeliveryApi.tree),
    (f"{REPOSITORY}/git/blobs/{NAME}", DeliveryApi.blob),
)
ROUTES = tuple((re.compile(path), handler) for path, handler in PATHS)
