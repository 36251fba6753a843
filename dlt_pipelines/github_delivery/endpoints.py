"""What is asked of a repository, and how each of GitHub's lists goes on or is stopped. Nothing here is kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import chain
from typing import Any

from dlt_pipelines.errors import RequestFailed, VendorUnreachable
from dlt_pipelines.github_delivery import records
from dlt_pipelines.github_delivery.permissions import GONE, NothingThere, Refused, check
from dlt_pipelines.github_delivery.records import Json, PullRequest, Repository
from dlt_pipelines.http import Answer, ApiClient
from dlt_pipelines.windows import ONE_DAY

PER_PAGE = 100
# GitHub gives no more results than that to one filtered question for workflow runs.
MOST_RUNS = 1000
CHECKPOINTS_REF = "heads/entire/checkpoints/v1"
NOTES_REF = "notes/ai"
ONE_SECOND = timedelta(seconds=1)

# What is kept of long records while the others are read.
DEPLOYMENT_FIELDS = ("id", "sha", "ref", "environment", "production_environment", "created_at")
RUN_FIELDS = (
    *("id", "name", "path", "head_sha", "head_branch", "event", "status", "conclusion", "created_at"),
    *("run_started_at", "updated_at", "run_attempt"),
)
ACTOR_FIELDS = ("login", "type")

EXACTLY = partial(json.loads, parse_float=Decimal)


@dataclass(frozen=True)
class Listed:
    """An entry of a list that goes by time of change: its id and when it last changed."""

    key: int | str
    changed_at: datetime
    record: Json


class Endpoints:
    """GitHub's answers about repositories; raises Refused, NothingThere, RequestFailed and TokenRefused."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client

    def _get(self, report: str, subject: str, path: str, params: Json | None = None) -> Any:
        answer = self._client.get(path, params, decode=EXACTLY)
        check(report, subject, answer)
        return answer.body

    def _answers(self, report: str, subject: str, path: str, params: Json | None = None) -> Iterator[Answer]:
        for answer in self._client.pages(path, {**(params or {}), "per_page": PER_PAGE}):
            check(report, subject, answer)
            yield answer

    def _items(self, report: str, name: str, path: str, params: Json | None = None, *, of: str = "") -> Iterator[Json]:
        """The items of all pages of a repository's list; `of` names their member in an envelope."""
        for answer in self._answers(report, name, f"/repos/{name}{path}", params):
            yield from answer.body[of] if of else answer.body

    def organization(self, organization: str) -> list[Repository]:
        """All repositories of an organisation that the token sees."""
        path = f"/orgs/{organization}/repos"
        answers = self._answers("repository", organization, path, {"sort": "pushed", "type": "all"})
        return [records.repository(record) for answer in answers for record in answer.body]

    def repository(self, name: str) -> Repository:
        """One repository, under the name that it has now: GitHub redirects from an old one."""
        return records.repository(self._get("repository", name, f"/repos/{name}"))

    def is_there(self, repository: Repository) -> bool:
        """Whether GitHub still shows the repository at all."""
        try:
            self.repository(repository.name)
        except (Refused, NothingThere) as error:
            return error.status not in GONE
        except VendorUnreachable:
            raise
        except RequestFailed:
            # It answered, in whatever way.
            return True
        return True

    def changed_issues(self, name: str, since: datetime) -> list[Listed]:
        """Issues and pull requests that changed since then, without their texts; `is_pull` marks pull requests."""
        # Newest first: one that changes while the pages are read moves to the front, and pushes none off a page. The
        # next run sees it, for it has changed after everything that this one loads.
        params = {"state": "all", "since": _text(since), "sort": "updated", "direction": "desc"}
        found: dict[int, Listed] = {}
        for item in self._items("issues", name, "/issues", params):
            row = records.issue(item)
            found.setdefault(
                row["number"],
                Listed(row["number"], row["updated_at"], {**row, "is_pull": item.get("pull_request") is not None}),
            )
        return list(found.values())

    def changed_pulls(self, name: str, since: datetime) -> list[Listed]:
        """Pull requests that changed since then: GitHub has no such filter, so the list ends at the first older one."""
        params = {"state": "all", "sort": "updated", "direction": "desc"}
        found: dict[int, Listed] = {}
        for pull in self._items("pull-requests", name, "/pulls", params):
            changed_at = _moment(pull["updated_at"])
            if changed_at < since:
                break
            # One that changes while the pages are read comes first, and again where it stood.
            found.setdefault(pull["number"], Listed(pull["number"], changed_at, {}))
        return list(found.values())

    def pull_request(self, name: str, number: int) -> PullRequest | None:
        """Everything that is read of a pull request; None where it is gone."""
        path = f"/repos/{name}/pulls/{number}"
        answer = self._client.get(path, decode=EXACTLY)
        if answer.status == 404:
            return None
        check("pull-requests", name, answer)
        try:
            commits = list(self._items("pull-requests", name, f"/pulls/{number}/commits"))
        except NothingThere:
            commits = []
        return PullRequest(
            answer.body,
            commits,
            list(self._items("pull-requests", name, f"/pulls/{number}/reviews")),
            list(self._items("pull-requests", name, f"/issues/{number}/timeline")),
        )

    def deployments(self, name: str, since: datetime) -> list[Listed]:
        """Deployments created since then: the newest come first, and there is no filter by date."""
        found = []
        for deployment in self._items("deployments", name, "/deployments"):
            created_at = _moment(deployment["created_at"])
            if created_at < since:
                break
            found.append(Listed(deployment["id"], created_at, _only(deployment, DEPLOYMENT_FIELDS)))
        return found

    def deployment_statuses(self, name: str, deployment_id: int | str) -> list[Json]:
        """The statuses of a deployment."""
        return list(self._items("deployments", name, f"/deployments/{deployment_id}/statuses"))

    def workflow_runs(self, name: str, first: date, last: date) -> Iterator[list[Listed]]:
        """Workflow runs created on the days from `first` to `last`, whatever their number: oldest days first.

        A list holds all runs of its days: of so many days as have at most `MOST_RUNS`, or of a single one.
        """
        start, end = _midnight(first), _midnight(last + ONE_DAY) - ONE_SECOND
        pages = self._run_pages(name, start, end)
        if pages is None and first < last:
            middle = first + (last - first) // 2
            yield from self.workflow_runs(name, first, middle)
            yield from self.workflow_runs(name, middle + ONE_DAY, last)
            return
        runs = self._parts(name, start, end) if pages is None else pages
        found = {run["id"]: run for run in runs}
        yield [Listed(key, _moment(run["created_at"]), run) for key, run in found.items()]

    def _parts(self, name: str, start: datetime, end: datetime) -> Iterator[Json]:
        """Runs created from `start` to `end`, both included: halved until GitHub gives all of each part."""
        if end <= start:
            raise RequestFailed(
                f"workflow-runs of {name}: more than {MOST_RUNS} runs in one second, {_text(start)}", "Report this."
            )
        middle = (start + (end - start) // 2).replace(microsecond=0)
        for part in ((start, middle), (middle + ONE_SECOND, end)):
            pages = self._run_pages(name, *part)
            yield from self._parts(name, *part) if pages is None else pages

    def _run_pages(self, name: str, start: datetime, end: datetime) -> Iterator[Json] | None:
        """What is kept of the runs created from `start` to `end`; None where they are more than GitHub gives."""
        path = f"/repos/{name}/actions/runs"
        answers = self._answers("workflow-runs", name, path, {"created": f"{_text(start)}..{_text(end)}"})
        first = next(answers)
        if first.body["total_count"] > MOST_RUNS:
            return None
        return (_run(run) for answer in chain([first], answers) for run in answer.body["workflow_runs"])

    def agent_tasks(self, name: str, since: datetime) -> list[Listed]:
        """Tasks of Copilot's agents that changed since then, archived ones too."""
        found: dict[str, Listed] = {}
        for archived in ("false", "true"):
            params = {"since": _text(since), "is_archived": archived}
            for answer in self._answers("agent-tasks", name, f"/agents/repos/{name}/tasks", params):
                for task in answer.body["tasks"] if isinstance(answer.body, dict) else answer.body:
                    changed_at = _moment(task.get("updated_at") or task["created_at"])
                    if changed_at >= since:
                        found[str(task["id"])] = Listed(str(task["id"]), changed_at, {})
        return list(found.values())

    def agent_task(self, name: str, task_id: str) -> Json:
        """A task with its sessions."""
        found: Json = self._get("agent-tasks", name, f"/agents/repos/{name}/tasks/{task_id}")
        return found

    def head(self, report: str, name: str, ref: str) -> str | None:
        """The commit that a ref names; None where the repository has no such ref, or nothing at all."""
        answer = self._client.get(f"/repos/{name}/git/ref/{ref}")
        if answer.status in (404, 409):
            return None
        check(report, name, answer)
        return str(answer.body["object"]["sha"]) if isinstance(answer.body, dict) else None

    def files(self, report: str, name: str, tree: str) -> list[Json]:
        """All files below a tree (or a commit's), by path; a tree too large for one answer is read folder by folder."""
        found: Json = self._get(report, name, f"/repos/{name}/git/trees/{tree}", {"recursive": "1"})
        if not found.get("truncated"):
            return [entry for entry in found["tree"] if entry["type"] == "blob"]
        entries = self._get(report, name, f"/repos/{name}/git/trees/{tree}")["tree"]
        files = [entry for entry in entries if entry["type"] == "blob"]
        for folder in entries:
            if folder["type"] == "tree":
                inside = self.files(report, name, folder["sha"])
                files += [{**entry, "path": f"{folder['path']}/{entry['path']}"} for entry in inside]
        return files

    def blob(self, report: str, name: str, sha: str) -> str:
        """The text of a file."""
        return records.content(self._get(report, name, f"/repos/{name}/git/blobs/{sha}"))

    def probes(self, repository: Repository) -> Iterator[tuple[str, Callable[[], object]]]:
        """(report, smallest question that needs its permission), for `agent-spend doctor`."""
        name, one = repository.name, {"per_page": 1}
        path = f"/repos/{name}"
        yield "pull-requests", lambda: self._get("pull-requests", name, f"{path}/pulls", {**one, "state": "all"})
        yield "issues", lambda: self._get("issues", name, f"{path}/issues", {**one, "state": "all"})
        yield "deployments", lambda: self._get("deployments", name, f"{path}/deployments", one)
        yield "workflow-runs", lambda: self._get("workflow-runs", name, f"{path}/actions/runs", one)
        yield "agent-tasks", lambda: self._get("agent-tasks", name, f"/agents/repos/{name}/tasks", one)
        yield "checkpoints", lambda: self.head("checkpoints", name, CHECKPOINTS_REF)


def _only(record: Json, names: tuple[str, ...]) -> Json:
    return {name: record.get(name) for name in names}


def _run(record: Json) -> Json:
    actors = {role: _only(record.get(role) or {}, ACTOR_FIELDS) for role in ("actor", "triggering_actor")}
    return _only(record, RUN_FIELDS) | {role: actor if actor["login"] else None for role, actor in actors.items()}


def _moment(text: Any) -> datetime:
    found = records.instant(text)
    if found is None:
        raise RequestFailed("an entry of a list has no time", "GitHub changed its API; report this.")
    return found


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
