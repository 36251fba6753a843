"""Repositories made up by a test, on a server that answers about them as GitHub does, and extractions from it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from demo.local_server import LocalServer, Request, Response, json_response
from dlt_pipelines.outcome import Outcome
from tests.dlt_pipelines.pseudonyms import key
from tests.dlt_pipelines.vendor_bench import VendorBench

Json = dict[str, Any]

TOKEN = "ghp_delivery_token_that_must_never_leak"
TODAY = date(2026, 10, 17)
ONE_DAY = timedelta(days=1)
REPOSITORY = "keel-works/sextant"
PATH = f"/repos/{REPOSITORY}"
ENTIRE = "heads/entire/checkpoints/v1"
NOTES = "notes/ai"
MOST_RUNS = 1000
MOST_COMMITS = 250
DEFAULT_PER_PAGE, MOST_PER_PAGE = 30, 100

MONA = {"login": "Mona-Invented", "id": 501, "type": "User"}
HUBOT = {"login": "hubot-invented", "id": 502, "type": "User"}
COPILOT = {"login": "Copilot", "id": 198982749, "type": "Bot"}


def sha(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def login_key(login: str) -> str | None:
    return key("github_login", login)


def told(outcome: Outcome) -> str:
    """Everything that a run said of problems and warnings."""
    return "\n".join([*map(str, outcome.problems), *outcome.warnings])


def commit(message: str, author: Json | None = MONA, email: str = "mona@keel.example", name: str | None = None) -> Json:
    return {
        "sha": sha(name or message),
        "commit": {
            "message": message,
            "author": {"name": "Mona Invented", "email": email, "date": "2026-10-10T08:00:00Z"},
            "committer": {"name": "GitHub", "email": "noreply@github.com", "date": "2026-10-10T08:01:00Z"},
        },
        "author": author,
    }


def pull(number: int, updated: str = "2026-10-10T12:00:00Z", **changed: Any) -> Json:
    """A pull request with everything under it: `commit_list`, `reviews` and `timeline` are answered by themselves."""
    return {
        "id": 9000 + number,
        "number": number,
        "state": "open",
        "draft": False,
        "title": "A title that must never leak",
        "body": "A body that must never leak",
        "user": MONA,
        "created_at": "2026-10-09T09:00:00Z",
        "updated_at": updated,
        "closed_at": None,
        "merged_at": None,
        "merged_by": None,
        "merge_commit_sha": sha(f"merge {number}"),
        "head": {"ref": f"topic-{number}-x", "sha": sha(f"head {number}")},
        "base": {"ref": "main"},
        "labels": [{"name": "bug"}],
        "additions": 10,
        "deletions": 2,
        "changed_files": 3,
        "commits": 1,
        "commit_list": [commit(f"Change {number}")],
        "reviews": [],
        "timeline": [],
    } | changed


def issue(number: int, updated: str = "2026-10-10T12:00:00Z", **changed: Any) -> Json:
    return {
        "number": number,
        "state": "open",
        "title": "A title that must never leak",
        "body": "A body that must never leak",
        "user": MONA,
        "created_at": "2026-10-01T09:00:00Z",
        "updated_at": updated,
        "closed_at": None,
        "labels": [],
    } | changed


def run(run_id: int, created: str, **changed: Any) -> Json:
    return {
        "id": run_id,
        "name": "CI",
        "path": ".github/workflows/ci.yml",
        "head_sha": sha(f"head {run_id}"),
        "head_branch": "main",
        "event": "push",
        "status": "completed",
        "conclusion": "success",
        "created_at": created,
        "run_started_at": created,
        "updated_at": created,
        "run_attempt": 1,
        "actor": MONA,
        "triggering_actor": HUBOT,
        "repository": {"id": 1, "full_name": REPOSITORY},
    } | changed


def deployment(deployment_id: int, created: str, *states: str, **changed: Any) -> Json:
    """A deployment whose statuses came a minute apart."""
    return {
        "id": deployment_id,
        "sha": sha(f"deployed {deployment_id}"),
        "ref": "main",
        "environment": "production",
        "production_environment": True,
        "created_at": created,
        "creator": MONA,
        "statuses": [
            {"id": deployment_id * 10 + number, "state": state, "created_at": created[:14] + f"{number:02}:00Z"}
            for number, state in enumerate(states, 1)
        ],
    } | changed


@dataclass
class Repo:
    """What GitHub knows of a repository."""

    name: str
    repository_id: int = 1
    pushed_at: str = "2026-10-16T10:00:00Z"
    pulls: dict[int, Json] = field(default_factory=dict)
    issues: dict[int, Json] = field(default_factory=dict)
    deployments: list[Json] = field(default_factory=list)
    runs: list[Json] = field(default_factory=list)
    tasks: list[Json] = field(default_factory=list)
    archived_tasks: list[Json] = field(default_factory=list)
    # ref to the files that it holds, by path.
    refs: dict[str, dict[str, str]] = field(default_factory=dict)
    is_archived: bool = False

    def add(self, *pulls: Json) -> None:
        self.pulls |= {one["number"]: one for one in pulls}

    @property
    def record(self) -> Json:
        return {
            "id": self.repository_id,
            "full_name": self.name,
            "default_branch": "main",
            "private": True,
            "archived": self.is_archived,
            "pushed_at": self.pushed_at,
        }


class GithubDelivery(LocalServer):
    """Answers like GitHub, out of what a test may change between requests."""

    def __init__(self) -> None:
        self.repos = [Repo(REPOSITORY)]
        self.renamed: dict[str, int] = {}
        # Answers of a test's own, by path; None lets the server answer.
        self.answers: dict[str, Callable[[Request], Response | None]] = {}
        self.asked: list[tuple[str, Json]] = []
        self.truncates_trees = False
        super().__init__()

    @property
    def repo(self) -> Repo:
        return self.repos[0]

    def paths(self, pattern: str = "") -> list[str]:
        """The paths that were asked for."""
        return [path for path, _ in self.asked if re.search(pattern, path)]

    def refuse(
        self, path: str, status: int = 403, message: str = "Resource not accessible by personal access token"
    ) -> None:
        self.answers[path] = lambda _: json_response({"message": message}, status)

    def answer(self, request: Request) -> Response | None:  # noqa: PLR0911 (one address after the other)
        self.asked.append((request.path, dict(request.query)))
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return json_response({"message": "Bad credentials"}, 401)
        if request.path in self.answers and (response := self.answers[request.path](request)) is not None:
            return response
        if match := re.fullmatch(r"/orgs/([^/]+)/repos", request.path):
            owned = [repo for repo in self.repos if repo.name.lower().startswith(f"{match[1]}/")]
            newest = sorted(owned, key=lambda repo: repo.pushed_at, reverse=True)
            return self._page(request, [repo.record for repo in newest])
        if match := re.fullmatch(r"(?:/agents)?/repos/([^/]+/[^/]+)(/.*)?", request.path):
            if match[1] in self.renamed:
                where = f"{self.url}/repositories/{self.renamed[match[1]]}{match[2] or ''}"
                return Response(301, b"{}", {"location": where})
            repo = next((repo for repo in self.repos if repo.name.lower() == match[1].lower()), None)
            if repo:
                return self._of_repository(request, repo, match[2] or "", request.path.startswith("/agents"))
        if match := re.fullmatch(r"/repositories/(\d+)(/.*)?", request.path):
            repo = next(repo for repo in self.repos if repo.repository_id == int(match[1]))
            return self._of_repository(request, repo, match[2] or "", False)
        return json_response({"message": "Not Found"}, 404)

    def _page(self, request: Request, items: list[Json], envelope: Json | None = None, name: str = "") -> Response:
        size = min(int(request.query.get("per_page", DEFAULT_PER_PAGE)), MOST_PER_PAGE)
        number = int(request.query.get("page", 1))
        part = items[(number - 1) * size : number * size]
        headers = {}
        if number * size < len(items):
            query = urlencode({**request.query, "page": number + 1})
            headers["link"] = f'<{self.url}{request.path}?{query}>; rel="next"'
        return json_response({**(envelope or {}), name: part} if name else part, headers=headers)

    def _of_repository(self, request: Request, repo: Repo, rest: str, of_agents: bool) -> Response:
        if of_agents:
            return self._agents(request, repo, rest)
        if match := re.fullmatch(r"/(?:pulls|issues)/(\d+)(?:/(\w+))?", rest):
            return self._pull(request, repo, int(match[1]), match[2])
        if match := re.fullmatch(r"/deployments/(\d+)/statuses", rest):
            one = next(one for one in repo.deployments if one["id"] == int(match[1]))
            return self._page(request, list(reversed(one["statuses"])))
        lists: dict[str, Callable[[], Response]] = {
            "": lambda: json_response(repo.record),
            "/issues": lambda: self._issues(request, repo),
            "/pulls": lambda: self._newest(request, [*repo.pulls.values()], "updated_at"),
            "/deployments": lambda: self._newest(request, repo.deployments, "created_at"),
            "/actions/runs": lambda: self._runs(request, repo),
        }
        return lists[rest]() if rest in lists else self._git(repo, rest, request.query)

    def _newest(self, request: Request, items: list[Json], by: str) -> Response:
        return self._page(request, sorted(items, key=lambda one: str(one[by]), reverse=True))

    def _issues(self, request: Request, repo: Repo) -> Response:
        pulls = [
            issue(one["number"], one["updated_at"]) | {"pull_request": {"url": "…"}} for one in repo.pulls.values()
        ]
        since = request.query.get("since", "")
        found = [one for one in (*repo.issues.values(), *pulls) if one["updated_at"] >= since]
        newest_first = request.query.get("direction", "desc") == "desc"
        return self._page(request, sorted(found, key=lambda one: str(one["updated_at"]), reverse=newest_first))

    def _pull(self, request: Request, repo: Repo, number: int, part: str | None) -> Response:
        one = repo.pulls.get(number)
        if one is None:
            return json_response({"message": "Not Found"}, 404)
        parts = {
            "commits": one["commit_list"][:MOST_COMMITS],
            "reviews": one["reviews"],
            "timeline": one["timeline"],
        }
        return self._page(request, parts[part]) if part else json_response(one)

    def _runs(self, request: Request, repo: Repo) -> Response:
        first, _, last = request.query["created"].partition("..")
        found = [one for one in repo.runs if first <= one["created_at"] <= last]
        found.sort(key=lambda one: str(one["created_at"]), reverse=True)
        return self._page(request, found[:MOST_RUNS], {"total_count": len(found)}, "workflow_runs")

    def _agents(self, request: Request, repo: Repo, rest: str) -> Response:
        every = [*repo.tasks, *repo.archived_tasks]
        if rest == "/tasks":
            lane = repo.archived_tasks if request.query.get("is_archived") == "true" else repo.tasks
            found = [one for one in lane if one["updated_at"] >= request.query.get("since", "")]
            return self._page(request, [{**one, "sessions": None} for one in found], {"total_active_count": 1}, "tasks")
        return json_response(next(one for one in every if rest == f"/tasks/{one['id']}"))

    def _git(self, repo: Repo, rest: str, query: Json) -> Response:
        if rest.startswith("/git/ref/"):
            files = repo.refs.get(rest.removeprefix("/git/ref/"))
            if files is None:
                return json_response({"message": "Not Found"}, 404)
            return json_response({"object": {"type": "commit", "sha": sha(json.dumps(files))}})
        trees = {sha(json.dumps(files)): ("", files) for files in repo.refs.values()}
        for files in repo.refs.values():
            for path in files:
                for folder in _folders(path):
                    trees[sha(f"tree {folder}")] = (f"{folder}/", files)
        if match := re.fullmatch(r"/git/trees/(\w+)", rest):
            prefix, files = trees[match[1]]
            inside = {path.removeprefix(prefix): text for path, text in files.items() if path.startswith(prefix)}
            if "recursive" in query:
                blobs = [{"path": path, "type": "blob", "sha": sha(text)} for path, text in inside.items()]
                cut = self.truncates_trees and prefix == ""
                return json_response({"tree": blobs[:1] if cut else blobs, "truncated": cut})
            top = {path.split("/")[0]: path for path in inside}
            entries = [
                {"path": name, "type": "tree", "sha": sha(f"tree {prefix}{name}")}
                if "/" in path
                else {"path": name, "type": "blob", "sha": sha(inside[path])}
                for name, path in top.items()
            ]
            return json_response({"tree": entries, "truncated": False})
        texts = {sha(text): text for files in repo.refs.values() for text in files.values()}
        found = texts[rest.removeprefix("/git/blobs/")]
        return json_response({"encoding": "base64", "content": base64.encodebytes(found.encode()).decode()})


def _folders(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[: number + 1]) for number in range(len(parts))]


@dataclass
class DeliveryBench(VendorBench):
    """GitHub, a warehouse of its own, and runs with a clock that never really waits."""

    source = "github_delivery"

    github: GithubDelivery

    @property
    def repo(self) -> Repo:
        return self.github.repo

    def extract(self, since: date | None = None, until: date | None = None) -> Outcome:
        """One run; what was asked before is forgotten."""
        self.github.asked.clear()
        return super().extract(since, until)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query; raw.<table> are the rows in force, all.<table> all that are there."""
        query = re.sub(r"\braw\.(\w+)", lambda match: self.current(match[1]), query)
        return super().rows(query.replace("all.", "raw_github_delivery."))


@contextmanager
def delivery_bench(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DeliveryBench]:
    """One repository, named in the settings."""
    with GithubDelivery() as github:
        bench = DeliveryBench(folder, monkeypatch, github)
        bench.prepare()
        bench.set(
            api_url=github.url,
            token=TOKEN,
            repositories=json.dumps([REPOSITORY]),
            points_per_minute="1000000",
            concurrency="2",
        )
        bench.today(TODAY)
        yield bench


@pytest.fixture(name="bench")
def one_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DeliveryBench]:
    with delivery_bench(tmp_path, monkeypatch) as found:
        yield found
