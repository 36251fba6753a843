"""One extraction of delivery: repository by repository, each report day by day, oldest first, so that a killed run
leaves the rest to the next.

A pull request, issue or task belongs to the day on which it last changed, a deployment or run to the day on which it
was created. A day is one load, and is loaded again as a whole where something on it is new.
"""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from collections import defaultdict, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa

from dlt_pipelines.errors import AgentSpendError, PermissionMissing, RequestFailed, TokenRefused, VendorUnreachable
from dlt_pipelines.github_client import github_client
from dlt_pipelines.github_delivery import records
from dlt_pipelines.github_delivery.endpoints import CHECKPOINTS_REF, NOTES_REF, Endpoints, Listed
from dlt_pipelines.github_delivery.known import Known
from dlt_pipelines.github_delivery.permissions import GONE, NothingThere, Refused, nothing_left, refusals
from dlt_pipelines.github_delivery.records import Blob, PullRequest, Records, Repository, Row, Rows
from dlt_pipelines.github_delivery.settings import API_VERSION, GithubDeliverySettings
from dlt_pipelines.github_delivery.tables import DATASET
from dlt_pipelines.http import Clock
from dlt_pipelines.identifiers import Pseudonymizer
from dlt_pipelines.outcome import Outcome
from dlt_pipelines.paged_extraction import ODD_FORMS, REPORT_IT
from dlt_pipelines.pipelines import LoadedReport, Warehouse
from dlt_pipelines.progress import Progress
from dlt_pipelines.windows import ONE_DAY, Window, current_time

SOURCE = "github_delivery"

# A repository in which nothing seems to happen is read whole once in so many days all the same.
QUIET_DAYS = 7
# GitHub lists no more commits of a pull request.
MOST_COMMITS = 250
# A batch is what one commit makes visible, and what a killed run reads again.
BATCH_ROWS = 50_000
BATCH_LOADS = 400
BATCH_SECONDS = 300

TABLES = {table.name: table for table in DATASET.tables}
# The table whose rows the manifest counts.
COUNTED = {
    "repository": "repositories",
    "pull-requests": "pull_requests",
    "issues": "issues",
    "deployments": "deployments",
    "workflow-runs": "workflow_runs",
    "agent-tasks": "agent_tasks",
    "checkpoints": "checkpoints",
    "commit-notes": "commit_notes",
}


@dataclass(frozen=True)
class Inventory:
    """The repositories to read, each once, and what was met on the way to them."""

    repositories: list[Repository]
    problems: list[AgentSpendError]
    warnings: list[str]


def inventory(settings: GithubDeliverySettings, endpoints: Endpoints, known: Callable[[str], bool]) -> Inventory:
    """The repositories that the settings name; `known` says whether one of a name was read before."""
    found: dict[int, Repository] = {}
    problems: list[AgentSpendError] = []
    warnings = []
    gone = []
    for organization in settings.organizations or []:
        with _gathering(problems, organization):
            found |= {one.repository_id: one for one in endpoints.organization(organization)}
    listed = {one.name for one in found.values()}
    for name in (configured.lower() for configured in settings.repositories or []):
        if name in listed:
            continue
        with _gathering(problems, name):
            try:
                repository = endpoints.repository(name)
            except (Refused, NothingThere) as error:
                if error.status not in GONE or not known(name):
                    raise
                gone.append(name)
                warnings.append(f"{name} is no longer there ({error.status}); what was read of it stays")
                continue
            found[repository.repository_id] = repository
            if repository.name != name:
                setting = "SOURCES__GITHUB_DELIVERY__REPOSITORIES"
                warnings.append(f"{name} is called {repository.name} now: change {setting}")
    if gone and not found:
        # GitHub answers 404 to a token that has lost its access, too.
        problems.append(nothing_left(gone))
    return Inventory(list(found.values()), problems, warnings)


@contextmanager
def _gathering(problems: list[AgentSpendError], subject: str) -> Iterator[None]:
    """Puts what goes wrong with one owner or repository into `problems`; what concerns all of them is raised."""
    try:
        yield
    except (TokenRefused, VendorUnreachable):
        raise
    except (PermissionMissing, RequestFailed) as error:
        problems.append(error)
    except (NothingThere, *ODD_FORMS) as error:
        # Their texts may quote what GitHub sent.
        form = type(error).__name__
        problems.append(RequestFailed(f"{subject}: an answer of an unknown form ({form})", REPORT_IT))


@dataclass(frozen=True)
class Load:
    """Rows of one day of one report; `sha256` tells whether they have changed since they were loaded."""

    report: str
    day: date
    rows: Rows
    sha256: str


@dataclass
class Batch:
    """What is committed together."""

    tables: list[tuple[str, pa.Table]] = field(default_factory=list)
    manifest: list[dict[str, Any]] = field(default_factory=list)
    rows: int = 0
    started: float = field(default_factory=time.monotonic)

    @property
    def is_full(self) -> bool:
        """Whether it is time to commit."""
        return (
            self.rows >= BATCH_ROWS
            or len(self.manifest) >= BATCH_LOADS
            or time.monotonic() - self.started >= BATCH_SECONDS
        )


@dataclass(frozen=True)
class Probe:
    """What one question about a repository told: what changed lately, or why GitHub did not say."""

    changed: list[Listed] | None = None
    error: Exception | None = None


class DeliveryExtraction:
    """One run over all repositories; what it does is told in `outcome`."""

    def __init__(
        self,
        settings: GithubDeliverySettings,
        warehouse: Warehouse,
        window: Window,
        pseudonymizer: Pseudonymizer,
        outcome: Outcome,
        progress: Progress,
        clock: Clock | None = None,
    ) -> None:
        self._settings = settings
        self._warehouse = warehouse
        self._window = window
        self._pseudonymizer = pseudonymizer
        self._progress = progress
        self._client = github_client(settings, API_VERSION, clock, progress.note)
        self._endpoints = Endpoints(self._client)
        self._records = Records(pseudonymizer)
        self._known = Known(warehouse, window.as_of)
        self._pool = ThreadPoolExecutor(settings.concurrency)
        self._batch = Batch()
        self._superseded = False
        self._refused: dict[str, list[Refused]] = defaultdict(list)
        # Of the repository that is being read: commits of its pull requests.
        self._commits: set[str] = set()
        self._numbers: dict[int, int] = {}
        self.outcome = outcome

    def run(self) -> None:
        """Extracts everything that is due; problems of single reports are gathered, not raised."""
        found = inventory(self._settings, self._endpoints, self._known.was_read)
        self.outcome.problems += found.problems
        self.outcome.warnings += found.warnings
        self._note_backfill(found.repositories)
        self._prepare(found.repositories)
        task = self._progress.task("GitHub delivery", total=len(found.repositories))
        with self._pool as pool:
            try:
                for repository, probe in self._probes(found.repositories):
                    self._read(repository, probe)
                    task.advance(rows=self.outcome.rows)
            except AgentSpendError:
                # What came before it stays.
                self._client.close()
                self._commit()
                raise
            except BaseException:
                self._client.close()
                raise
            finally:
                pool.shutdown(cancel_futures=True)
        self._commit()
        self._tell_refusals()
        if self._superseded:
            self._warehouse.prune_superseded(DATASET)

    def _prepare(self, repositories: Sequence[Repository]) -> None:
        """Reads from the warehouse what says whether something has changed."""
        self._backfills = self._known.open_backfills()
        reports = ("pull-requests", "issues", "agent-tasks")
        starts = [self._start(repository, report) for repository in repositories for report in reports]
        self._known.read_changes(min(starts, default=self._window.as_of))
        self._whole_readings = self._known.repositories()
        self._unfinished = self._known.unfinished()
        self._checkpoints = self._known.blobs("checkpoints", "checkpoint_id")
        self._notes = self._known.blobs("commit_notes", "sha")
        self._recent_commits = self._known.recent_commits()

    def _note_backfill(self, repositories: Sequence[Repository]) -> None:
        """Records how far back the user asked, before anything is read: a killed back-fill is carried on from there."""
        since = self._window.since
        if since is None:
            return
        rows = []
        for repository in repositories:
            self._known.note(repository, "backfill", since, LoadedReport("backfill_requested"))
            rows.append(self._manifest_row(repository, "backfill", since, "backfill_requested"))
        if rows:
            self._warehouse.commit(DATASET, rows)

    def _start(self, repository: Repository, report: str) -> date:
        """The first day of a report that is looked at: the one before the newest that is loaded."""
        newest = self._known.newest(repository.account_id, report)
        first = self._window.as_of - self._window.lookback_days * ONE_DAY
        if newest is not None:
            first = min(newest, self._window.as_of) - ONE_DAY
        return min(first, self._backfills.get(repository.account_id, first))

    def _since(self, repository: Repository, report: str) -> datetime:
        day = self._start(repository, report)
        return datetime(day.year, day.month, day.day, tzinfo=UTC)

    def _probes(self, repositories: Iterable[Repository]) -> Generator[tuple[Repository, Probe], None, None]:
        """Every repository with what has changed in it, asked for a few ahead."""
        waiting = iter(repositories)
        pending: deque[tuple[Repository, Future[Probe]]] = deque()
        while True:
            while len(pending) < 2 * self._settings.concurrency and (one := next(waiting, None)) is not None:
                pending.append((one, self._pool.submit(self._probe, one)))
            if not pending:
                return
            repository, future = pending.popleft()
            yield repository, future.result()

    def _probe(self, repository: Repository) -> Probe:
        try:
            return Probe(self._endpoints.changed_issues(repository.name, self._since(repository, "issues")))
        except (TokenRefused, VendorUnreachable):
            raise
        except (Refused, NothingThere, RequestFailed, *ODD_FORMS) as error:
            return Probe(error=error)

    def _is_quiet(self, repository: Repository, probe: Probe) -> bool:
        """Whether nothing was pushed, changed or left unfinished since the last whole reading."""
        account = repository.account_id
        last = self._whole_readings.get(account)
        if last is None or account in self._backfills or isinstance(probe.error, RequestFailed):
            return False
        day, name, pushed_at = last
        if day <= self._window.as_of - QUIET_DAYS * ONE_DAY or (name, pushed_at) != (
            repository.name,
            repository.pushed_at,
        ):
            return False
        if self._unfinished.get((account, "deployments")) or self._unfinished.get((account, "workflow-runs")):
            return False
        pulls = self._known.newest_changes(account, "pull-requests")
        issues = self._known.newest_changes(account, "issues")
        if probe.changed is None:
            try:
                listed = self._endpoints.changed_pulls(repository.name, self._since(repository, "pull-requests"))
            except (TokenRefused, VendorUnreachable):
                raise
            except (Refused, NothingThere, RequestFailed, *ODD_FORMS):
                # It is told where the pull requests are read.
                return False
            return all(pulls.get(one.key) == one.changed_at for one in listed)
        return all((pulls if one.record["is_pull"] else issues).get(one.key) == one.changed_at for one in probe.changed)

    def _read(self, repository: Repository, probe: Probe) -> None:
        """Reads one repository, unless nothing happened in it."""
        if self._is_quiet(repository, probe):
            return
        self._commits = set(self._recent_commits.get(repository.account_id, ()))
        self._numbers = {}
        before = len(self._commits)
        whole = True
        parts: tuple[tuple[str, Callable[[], Iterator[Load]]], ...] = (
            ("issues", lambda: self._issues(repository, probe)),
            ("pull-requests", lambda: self._pull_requests(repository)),
            ("deployments", lambda: self._deployments(repository)),
            ("workflow-runs", lambda: self._workflow_runs(repository)),
            ("agent-tasks", lambda: self._agent_tasks(repository)),
            ("checkpoints", lambda: self._read_checkpoints(repository)),
            ("commit-notes", lambda: self._commit_notes(repository, has_new=len(self._commits) > before)),
        )
        for report, read in parts:
            outcome = self._part(report, repository, read())
            if outcome is None:
                self.outcome.warnings.append(f"{repository.name} is no longer there; what was read of it stays")
                return
            whole = whole and outcome
        if whole:
            self._add(
                repository,
                _load("repository", self._window.as_of, {"repositories": [self._records.repository(repository)]}),
            )
            for day, entry in list(self._known.days(repository.account_id, "backfill").items()):
                if entry.status == "backfill_requested":
                    self._batch.manifest.append(self._manifest_row(repository, "backfill", day, "loaded", rows=0))

    def _part(self, report: str, repository: Repository, loads: Iterator[Load]) -> bool | None:
        """Adds one report's loads; whether it was read to its end, None where the repository is gone."""
        while True:
            try:
                load = next(loads, None)
            except (TokenRefused, VendorUnreachable):
                raise
            except NothingThere:
                return True
            except Refused as error:
                if error.status != 403 and not self._endpoints.is_there(repository):
                    return None
                self._refused[report].append(error)
                return True
            except RequestFailed as error:
                self.outcome.problems.append(error)
                return False
            except ODD_FORMS as error:
                # Their texts may quote what GitHub sent.
                form = type(error).__name__
                problem = f"{report} of {repository.name}: an answer of an unknown form ({form})"
                self.outcome.problems.append(RequestFailed(problem, REPORT_IT))
                return False
            if load is None:
                return True
            self._add(repository, load)
            if self._batch.is_full:
                self._commit()

    def _new_days(
        self, repository: Repository, report: str, listed: Iterable[Listed]
    ) -> list[tuple[date, list[Listed]]]:
        """The days on which something is new, oldest first, with everything on them."""
        found = []
        for day, entries in sorted(_by_day(listed).items()):
            loaded = self._known.changes(repository.account_id, report, day)
            if any(loaded.get(one.key) != one.changed_at for one in entries):
                found.append((day, entries))
        return found

    def _issues(self, repository: Repository, probe: Probe) -> Iterator[Load]:
        if probe.error is not None:
            raise probe.error
        issues = [one for one in probe.changed or [] if not one.record["is_pull"]]
        for day, entries in self._new_days(repository, "issues", issues):
            rows = [{name: value for name, value in one.record.items() if name != "is_pull"} for one in entries]
            yield _load("issues", day, {"issues": rows})

    def _pull_requests(self, repository: Repository) -> Iterator[Load]:
        listed = self._endpoints.changed_pulls(repository.name, self._since(repository, "pull-requests"))
        for day, entries in self._new_days(repository, "pull-requests", listed):
            answers = self._pool.map(lambda one: self._endpoints.pull_request(repository.name, int(one.key)), entries)
            found = [answer for answer in answers if answer is not None]
            for pull in found:
                self._note_pull_request(repository, pull)
            yield _load(
                "pull-requests", day, _joined(self._records.pull_request(repository.name, pull) for pull in found)
            )

    def _note_pull_request(self, repository: Repository, pull: PullRequest) -> None:
        detail = pull.detail
        if detail.get("id") is not None:
            self._numbers[detail["id"]] = detail["number"]
        shas = {commit["sha"] for commit in pull.commits}
        shas |= {detail.get("merge_commit_sha"), (detail.get("head") or {}).get("sha")}
        self._commits |= {sha for sha in shas if sha}
        if (detail.get("commits") or 0) > len(pull.commits) >= MOST_COMMITS:
            self.outcome.warnings.append(
                f"{repository.name}#{detail['number']}: GitHub lists {len(pull.commits)} of its"
                f" {detail['commits']} commits; trailers of the others are not read"
            )

    def _deployments(self, repository: Repository) -> Iterator[Load]:
        start = self._start(repository, "deployments")
        unfinished = self._unfinished.get((repository.account_id, "deployments"), set())
        first = min([start, *unfinished])
        listed = self._endpoints.deployments(repository.name, datetime(first.year, first.month, first.day, tzinfo=UTC))
        for day, entries in sorted(_by_day(listed).items()):
            if day < start and day not in unfinished:
                continue
            statuses = self._pool.map(
                lambda one: self._endpoints.deployment_statuses(repository.name, one.key), entries
            )
            pairs = zip(entries, statuses, strict=True)
            yield _load(
                "deployments", day, _joined(self._records.deployment(one.record, found) for one, found in pairs)
            )

    def _workflow_runs(self, repository: Repository) -> Iterator[Load]:
        start = self._start(repository, "workflow-runs")
        unfinished = self._unfinished.get((repository.account_id, "workflow-runs"), set())
        spans = [*((day, day) for day in sorted(unfinished) if day < start), (start, self._window.as_of)]
        for first, last in spans:
            for listed in self._endpoints.workflow_runs(repository.name, first, last):
                for day, entries in sorted(_by_day(listed).items()):
                    rows = [self._records.workflow_run(one.record) for one in entries]
                    yield _load("workflow-runs", day, {"workflow_runs": rows})

    def _agent_tasks(self, repository: Repository) -> Iterator[Load]:
        listed = self._endpoints.agent_tasks(repository.name, self._since(repository, "agent-tasks"))
        for day, entries in self._new_days(repository, "agent-tasks", listed):
            numbers = self._known.numbers(repository.account_id) | self._numbers
            tasks = self._pool.map(lambda one: self._endpoints.agent_task(repository.name, str(one.key)), entries)
            yield _load("agent-tasks", day, _joined(self._records.agent_task(task, numbers) for task in tasks))

    def _read_checkpoints(self, repository: Repository) -> Iterator[Load]:
        head = self._endpoints.head("checkpoints", repository.name, CHECKPOINTS_REF)
        if head is None or head == self._last_head(repository, "checkpoints"):
            return
        files = self._endpoints.files("checkpoints", repository.name, head)
        found = records.checkpoint_blobs(files)
        yield self._blob_load(repository, "checkpoints", head, found, self._checkpoints, self._records.checkpoint)

    def _commit_notes(self, repository: Repository, *, has_new: bool) -> Iterator[Load]:
        head = self._endpoints.head("commit-notes", repository.name, NOTES_REF)
        if head is None or (head == self._last_head(repository, "commit-notes") and not has_new):
            return
        files = self._endpoints.files("commit-notes", repository.name, head)
        read_today = {sha for (sha, _), day in self._notes[repository.account_id].items() if day >= self._window.as_of}
        found = records.note_blobs(files, self._commits | read_today)
        yield self._blob_load(repository, "commit-notes", head, found, self._notes, records.commit_note)

    def _last_head(self, repository: Repository, report: str) -> str | None:
        """The commit that the ref named when it was last read."""
        newest = self._known.newest(repository.account_id, report)
        return self._known.days(repository.account_id, report)[newest].sha256 if newest else None

    def _blob_load(
        self,
        repository: Repository,
        report: str,
        head: str,
        blobs: list[Blob],
        known: dict[str, dict[tuple[str, str], date]],
        rows: Callable[[Blob, str], list[Row]],
    ) -> Load:
        """A load of today with the rows of files that were not there before today."""
        before, today = known[repository.account_id], self._window.as_of
        new = [blob for blob in blobs if before.get((blob.key, blob.sha), today) >= today]
        texts = self._pool.map(lambda blob: self._endpoints.blob(report, repository.name, blob.sha), new)
        found = [row for blob, text in zip(new, texts, strict=True) for row in rows(blob, text)]
        return Load(report, self._window.as_of, {COUNTED[report]: found}, head)

    def _add(self, repository: Repository, load: Load) -> None:
        """Puts a load into the batch, unless the same is loaded."""
        before = self._known.days(repository.account_id, load.report).get(load.day)
        if before and before.report_load_key and before.sha256 == load.sha256 and load.report != "commit-notes":
            return
        row = self._manifest_row(
            repository, load.report, load.day, "loaded", rows=len(load.rows[COUNTED[load.report]]), sha256=load.sha256
        )
        key = row["report_load_key"]
        lineage = {
            "report_load_key": key,
            "account_id": repository.account_id,
            "scope": "repository",
            "repository": repository.name,
        }
        for name, rows in load.rows.items():
            if rows:
                self._batch.tables.append((name, TABLES[name].to_arrow([{**lineage, **one} for one in rows])))
                self._batch.rows += len(rows)
        self._batch.manifest.append(row)
        entry = LoadedReport("loaded", row["downloaded_at"].date(), load.sha256, key)
        self._superseded |= self._known.note(repository, load.report, load.day, entry)

    def _manifest_row(
        self,
        repository: Repository,
        report: str,
        day: date,
        status: str,
        *,
        rows: int | None = None,
        sha256: str | None = None,
    ) -> dict[str, Any]:
        return {
            "report_load_key": uuid.uuid4().hex,
            "source": SOURCE,
            "account_id": repository.account_id,
            "scope": "repository",
            "report": report,
            "report_date": day,
            "window_start": day,
            "window_end": day,
            "status": status,
            "http_status": 200 if status == "loaded" else None,
            "rows": rows,
            "sha256": sha256,
            "downloaded_at": current_time(),
        }

    def _commit(self) -> None:
        """Loads the batch and then names it in the manifest: afterwards it counts."""
        batch, self._batch = self._batch, Batch()
        if not batch.manifest:
            return
        if batch.tables:
            self._warehouse.load(DATASET, batch.tables)
            self._warehouse.remember_identifiers(self._pseudonymizer, SOURCE)
        self._warehouse.commit(DATASET, batch.manifest)
        self.outcome.rows += batch.rows
        self.outcome.reports["loaded"] += len(batch.manifest)

    def _tell_refusals(self) -> None:
        for report, refused in self._refused.items():
            if report == "agent-tasks":
                self.outcome.warnings.append(
                    f"Copilot's agent tasks were not read{refused[0].words}: GitHub gives them to a user's token with"
                    ' "Agent tasks" (read) alone; installation tokens are not supported'
                )
            else:
                self.outcome.problems.append(refusals(refused))


def extract(
    settings: GithubDeliverySettings,
    warehouse: Warehouse,
    window: Window,
    pseudonymizer: Pseudonymizer,
    outcome: Outcome,
    progress: Progress,
    clock: Clock | None = None,
) -> None:
    """Extracts everything that is due; problems of single reports are gathered in the outcome."""
    DeliveryExtraction(settings, warehouse, window, pseudonymizer, outcome, progress, clock).run()


def _by_day(listed: Iterable[Listed]) -> dict[date, list[Listed]]:
    found: dict[date, list[Listed]] = defaultdict(list)
    for one in listed:
        found[one.changed_at.date()].append(one)
    return found


def _joined(parts: Iterable[Rows]) -> Rows:
    found: Rows = defaultdict(list)
    for part in parts:
        for table, rows in part.items():
            found[table] += rows
    return found


def _load(report: str, day: date, rows: Rows) -> Load:
    rows.setdefault(COUNTED[report], [])
    texts = {
        table: sorted(json.dumps(row, sort_keys=True, default=str) for row in found) for table, found in rows.items()
    }
    digest = hashlib.sha256(json.dumps(texts, sort_keys=True).encode()).hexdigest()
    return Load(report, day, rows, digest)
