"""What the warehouse holds already: what was read of each repository, on which day, and what was unfinished then."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime
from typing import Any

from dlt_pipelines.github_delivery.records import Repository
from dlt_pipelines.github_delivery.tables import DATASET
from dlt_pipelines.pipelines import LoadedReport, Warehouse
from dlt_pipelines.windows import ONE_DAY

# States after which nothing comes that is waited for.
FINISHED = ("success", "failure", "error", "inactive")
# GitHub ends a run that goes on for longer.
UNFINISHED_DAYS = 35
# A deployment to which nothing happens for so long never gets its last status: many workflows write none.
DEPLOYMENT_DAYS = 3
# How long after a pull request's last change notes of its commits are still looked for: a squash gets its own later.
NOTES_DAYS = 14

Place = tuple[str, str]


class Known:
    """The manifest, and of the rows in force what tells whether something has changed since."""

    def __init__(self, warehouse: Warehouse, as_of: date) -> None:
        self._warehouse = warehouse
        self._as_of = as_of
        self._history: dict[Place, dict[date, LoadedReport]] = warehouse.history(DATASET)
        self._places = {
            entry.report_load_key: (account, report, day)
            for (account, report), days in self._history.items()
            for day, entry in days.items()
            if entry.report_load_key
        }
        self._changes: dict[str, dict[str, dict[Any, datetime]]] = {}
        self._newest: dict[str, dict[str, dict[Any, datetime]]] = {}
        self._numbers: dict[str, dict[int, int]] | None = None

    def days(self, account_id: str, report: str) -> dict[date, LoadedReport]:
        """What the manifest says of every day of a report."""
        return self._history.setdefault((account_id, report), {})

    def newest(self, account_id: str, report: str) -> date | None:
        """The newest day of which rows are in force."""
        return max((day for day, entry in self.days(account_id, report).items() if entry.report_load_key), default=None)

    def read_changes(self, since: date) -> None:
        """Reads when pull requests, issues and tasks had changed that are loaded, as far back as `since`."""
        moment = _moment(since)
        for report, table, key in (
            ("pull-requests", "pull_requests", "number"),
            ("issues", "issues", "number"),
            ("agent-tasks", "agent_tasks", "task_id"),
        ):
            loads = self._changes.setdefault(report, {})
            newest = self._newest.setdefault(report, {})
            query = f"select report_load_key, {key}, updated_at from {{{table}}} where updated_at >= {moment}"
            for load, number, updated_at in self._rows(query):
                changed_at = updated_at.astimezone(UTC)
                loads.setdefault(load, {})[number] = changed_at
                of_account = newest.setdefault(self._places[load][0], {})
                of_account[number] = max(changed_at, of_account.get(number, changed_at))

    def numbers(self, account_id: str) -> dict[int, int]:
        """Pull requests' numbers by GitHub's ids, of those that were loaded before this run."""
        if self._numbers is None:
            self._numbers = defaultdict(dict)
            query = "select report_load_key, pull_request_id, number from {pull_requests}"
            for load, pull_request_id, number in self._rows(query):
                self._numbers[self._places[load][0]][pull_request_id] = number
        return self._numbers[account_id]

    def changes(self, account_id: str, report: str, day: date) -> dict[Any, datetime]:
        """When what is loaded of a day had changed, by number or id."""
        entry = self.days(account_id, report).get(day)
        return self._changes.get(report, {}).get(entry.report_load_key or "", {}) if entry else {}

    def newest_changes(self, account_id: str, report: str) -> dict[Any, datetime]:
        """The newest change that is loaded of each, by number or id."""
        return self._newest.get(report, {}).get(account_id, {})

    def repositories(self) -> dict[str, tuple[date, str, datetime | None]]:
        """Account to (day of its last whole reading, its name, its last push then)."""
        found: dict[str, tuple[date, str, datetime | None]] = {}
        for load, name, pushed_at in self._rows("select report_load_key, repository, pushed_at from {repositories}"):
            account, _, day = self._places[load]
            if account not in found or found[account][0] < day:
                found[account] = (day, name, pushed_at.astimezone(UTC) if pushed_at else None)
        return found

    def unfinished(self) -> dict[Place, set[date]]:
        """(account, report) to the days of deployments and workflow runs of which some were not finished when read."""
        found: dict[Place, set[date]] = defaultdict(set)
        states = ", ".join(f"'{state}'" for state in FINISHED)
        first = self._as_of - UNFINISHED_DAYS * ONE_DAY
        recent = f"where created_at >= {_moment(first)}"
        query = "select distinct report_load_key, deployment_id from {deployment_statuses}"
        done = set(self._rows(f"{query} {recent} and state in ({states})"))
        lately = f"where created_at >= {_moment(self._as_of - DEPLOYMENT_DAYS * ONE_DAY)}"
        changed = {
            *self._rows(f"select report_load_key, deployment_id from {{deployments}} {lately}"),
            *self._rows(f"{query} {lately}"),
        }
        loads = {load for load, _ in changed - done}
        runs = self._rows("select distinct report_load_key from {workflow_runs} where status <> 'completed'")
        for load in loads | {load for (load,) in runs}:
            account, report, day = self._places[load]
            if day >= first:
                found[account, report].add(day)
        return found

    def blobs(self, table: str, key: str) -> dict[str, dict[tuple[str, str], date]]:
        """Account to (checkpoint or commit, hash of its file) of what is loaded, with the day it was read."""
        found: dict[str, dict[tuple[str, str], date]] = defaultdict(dict)
        for load, name, sha in self._rows(f"select report_load_key, {key}, blob_sha from {{{table}}}"):
            account, _, day = self._places[load]
            found[account][name, sha] = min(day, found[account].get((name, sha), day))
        return found

    def recent_commits(self) -> dict[str, set[str]]:
        """Account to the commits of pull requests that changed lately."""
        found: dict[str, set[str]] = defaultdict(set)
        recent = f"where pulls.updated_at >= {_moment(self._as_of - NOTES_DAYS * ONE_DAY)}"
        shas = "select pulls.report_load_key, pulls.head_sha, pulls.merge_commit_sha from {pull_requests} as pulls"
        commits = (
            "select pulls.report_load_key, commits.sha from {pull_requests} as pulls"
            " inner join {pull_request_commits} as commits"
            " on pulls.report_load_key = commits.report_load_key and pulls.number = commits.number"
        )
        for load, *named in (*self._rows(f"{shas} {recent}"), *self._rows(f"{commits} {recent}")):
            found[self._places[load][0]] |= {sha for sha in named if sha}
        return found

    def was_read(self, name: str) -> bool:
        """Whether a repository of that name was ever read."""
        return name in {found for _, found, _ in self.repositories().values()}

    def open_backfills(self) -> dict[str, date]:
        """Account to the day from which a back-fill was asked for that has not come to its end."""
        return {
            account: min(day for day, entry in days.items() if entry.status == "backfill_requested")
            for (account, report), days in self._history.items()
            if report == "backfill" and any(entry.status == "backfill_requested" for entry in days.values())
        }

    def note(self, repository: Repository, report: str, day: date, entry: LoadedReport) -> bool:
        """Keeps the picture up to date; says whether other rows were in force before."""
        days = self.days(repository.account_id, report)
        before = days.get(day)
        days[day] = entry
        return before is not None and before.report_load_key is not None

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query that begins with report_load_key, of loads in force."""
        return [row for row in self._warehouse.read(DATASET, query) if row[0] in self._places]


def _moment(day: date) -> str:
    """The begin of a day as SQL, whatever the session's time zone."""
    return f"timestamptz '{day.isoformat()} 00:00:00+00'"
