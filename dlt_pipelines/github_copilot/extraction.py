"""One extraction of GitHub Copilot over all configured accounts: dated reports oldest first, then the lists."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from datetime import date
from itertools import chain
from typing import Any

import pyarrow as pa
from duckdb import DuckDBPyConnection

from dlt_pipelines.errors import PermissionMissing, RejectedFile, RequestFailed, TokenRefused, VendorUnreachable
from dlt_pipelines.github_copilot.lists import AccountLists, Snapshot
from dlt_pipelines.github_copilot.reports import USERS_1_DAY, USERS_28_DAY, Asked, Fetched, daily_reports, fetch
from dlt_pipelines.github_copilot.settings import (
    API_VERSION,
    FIRST_DAYS,
    HISTORY_DAYS,
    USER_AGENT,
    Account,
    GithubCopilotSettings,
    accounts,
)
from dlt_pipelines.github_copilot.tables import DATASET
from dlt_pipelines.http import ApiClient, Clock, Limits
from dlt_pipelines.identifiers import Pseudonymizer
from dlt_pipelines.outcome import Outcome
from dlt_pipelines.pipelines import LoadedReport, Warehouse, as_json, keep_aside
from dlt_pipelines.prefetch import prefetch
from dlt_pipelines.progress import Progress
from dlt_pipelines.record_shapes import Parsed
from dlt_pipelines.reports import connect, parse
from dlt_pipelines.windows import ONE_DAY, DayRead, Window, days_to_read

SOURCE = "github_copilot"

# A batch is what one commit makes visible; a chunk is what DuckDB holds in memory at once.
BATCH_REPORTS = 400
BATCH_BYTES = 1 << 29
CHUNK_BYTES = 1 << 26
# Arrow batches that are parsed while the ones before are written.
AHEAD = 8
# Days that the vendor has had time to report; younger ones may be missing without a word.
REPORTING_DAYS = 3


def make_client(
    settings: GithubCopilotSettings, clock: Clock | None = None, notice: Callable[[str], None] | None = None
) -> ApiClient:
    """A client that speaks GitHub's protocol as the settings say."""
    headers = {
        "Accept": "application/vnd.github+json",
        "Authorization": f"Bearer {settings.token}",
        "X-GitHub-Api-Version": API_VERSION,
        "User-Agent": USER_AGENT,
    }
    limits = Limits(points_per_minute=settings.points_per_minute)
    return ApiClient(
        settings.api_url, headers, limits=limits, clock=clock, connections=settings.concurrency, notice=notice
    )


class CopilotExtraction:
    """One run over all accounts; what it does is told in `outcome`."""

    def __init__(
        self,
        settings: GithubCopilotSettings,
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
        self._client = make_client(settings, clock, progress.note)
        self._accounts = accounts(settings)
        self._history = warehouse.history(DATASET)
        self._refused: set[tuple[str, str]] = set()
        self._silent: dict[str, set[date]] = {}
        self._superseded = False
        self.outcome = outcome

    def run(self) -> None:
        """Extracts everything that is due; problems of single reports are gathered, not raised."""
        self._note_backfill()
        self._run_reports(self._due_daily())
        self._run_reports(self._due_28_day())
        self._run_lists()
        self._warn_of_silent_days()
        if self._superseded:
            self._warehouse.prune_superseded(DATASET)

    def _days(self, account: Account, report: str) -> dict[date, LoadedReport]:
        return self._history.setdefault((account.account_id, report), {})

    def _earliest(self, account: Account) -> date:
        return max(FIRST_DAYS[account.scope], self._window.as_of - HISTORY_DAYS * ONE_DAY)

    def _due_daily(self) -> list[Asked]:
        due = []
        for account in self._accounts:
            for kind in daily_reports(account):
                known = self._days(account, kind.name).items()
                history = {day: DayRead(entry.status, entry.read_on) for day, entry in known}
                days = days_to_read(self._window, history, earliest=self._earliest(account))
                due += [Asked(account, kind, day) for day in days]
        return sorted(due, key=lambda asked: (asked.day or date.max, asked.account.account_id, asked.kind.name))

    def _due_28_day(self) -> list[Asked]:
        """The 28-day report stands in where a day of its window has no 1-day report although it should by now."""
        return [
            Asked(account, USERS_28_DAY, None)
            for account in self._accounts
            if self._window.until is None
            and (account.account_id, USERS_1_DAY.name) not in self._refused
            and self._has_open_hole(account)
        ]

    def _has_open_hole(self, account: Account) -> bool:
        """Whether a recent day has neither a 1-day report nor a 28-day one that ended late enough to be final."""
        last = self._window.as_of - REPORTING_DAYS * ONE_DAY
        window = [last - offset * ONE_DAY for offset in range(28 - REPORTING_DAYS)]
        single_days = self._days(account, USERS_1_DAY.name)
        ends = [end for end, entry in self._days(account, USERS_28_DAY.name).items() if _is_loaded(entry)]
        return any(
            not _is_loaded(single_days.get(day))
            and not any(end - 27 * ONE_DAY <= day <= end - 2 * ONE_DAY for end in ends)
            for day in window
        )

    def _note_backfill(self) -> None:
        """Records how far back the user asked, before anything is read: a killed back-fill is carried on from there."""
        if not self._window.since:
            return
        rows = []
        for account in self._accounts:
            start = max(self._window.since, self._earliest(account))
            for kind in daily_reports(account):
                days = self._days(account, kind.name)
                if start <= self._window.last_day and start < min(days, default=date.max):
                    asked = Fetched(Asked(account, kind, start), "backfill_requested", 0, start, start)
                    rows.append(_manifest_row(asked))
                    days[start] = LoadedReport("backfill_requested")
        if rows:
            self._warehouse.commit(DATASET, rows)

    def _run_reports(self, due: list[Asked]) -> None:
        if not due:
            return
        task = self._progress.task("Copilot reports", total=len(due))

        def fetched_reports() -> Iterator[Fetched]:
            for asked, fetched in zip(due, answers, strict=True):
                task.advance(rows=self.outcome.rows, day=asked.day)
                if fetched is not None:
                    yield fetched

        with closing(self._fetch_all(due)) as answers:
            reports = fetched_reports()
            while (first := next(reports, None)) is not None:
                self.load(_one_batch(chain([first], reports)))
        task.advance(0, rows=self.outcome.rows)

    def _fetch_all(self, due: list[Asked]) -> Generator[Fetched | None, None, None]:
        """The reports in the order asked for, fetched up to a batch ahead: downloads go on while others are loaded."""
        waiting = iter(due)
        pending: deque[Future[Fetched | None]] = deque()
        with ThreadPoolExecutor(self._settings.concurrency) as pool:
            try:
                while True:
                    while len(pending) < BATCH_REPORTS and (asked := next(waiting, None)) is not None:
                        pending.append(pool.submit(self._fetch, asked))
                    if not pending:
                        return
                    yield pending.popleft().result()
            except BaseException:
                self._client.close()
                raise
            finally:
                pool.shutdown(cancel_futures=True)

    def _fetch(self, asked: Asked) -> Fetched | None:
        """One report; None where the account refuses this kind of report, which is told once."""
        place = (asked.account.account_id, asked.kind.name)
        if place in self._refused:
            return None
        try:
            return fetch(self._client, asked, self._warehouse.spool, self._window.as_of)
        except (TokenRefused, VendorUnreachable):
            raise
        except PermissionMissing as error:
            if place not in self._refused:
                self._refused.add(place)
                self.outcome.problems.append(error)
        except RequestFailed as error:
            self.outcome.problems.append(error)
        return None

    def load(self, reports: Iterable[Fetched]) -> None:
        """Loads one batch as it arrives and commits it: afterwards its reports count, all or none of each."""
        batch: list[Fetched] = []
        parsed = Parsed()
        arriving = self._to_load(reports, batch)
        first = next(arriving, None)
        if first is not None:
            tables = self._parse(chain([first], arriving), parsed)
            self._warehouse.load(DATASET, prefetch(tables, AHEAD))
            self._warehouse.remember_identifiers(self._pseudonymizer, SOURCE)
        rows = [_manifest_row(self._settle(fetched, parsed), parsed) for fetched in batch]
        self._warehouse.commit(DATASET, rows)
        for fetched in batch:
            self._note(fetched, parsed)
            for file in fetched.files:
                file.path.unlink(missing_ok=True)

    def _to_load(self, reports: Iterable[Fetched], batch: list[Fetched]) -> Iterator[Fetched]:
        """Notes every report in `batch` and yields those with something new to load."""
        for fetched in reports:
            batch.append(fetched)
            before = self._days(fetched.asked.account, fetched.asked.kind.name).get(fetched.window_end)
            if fetched.status == "loaded" and before is not None and before.sha256 == fetched.sha256:
                fetched.status = "unchanged"
            if fetched.status == "loaded":
                yield fetched

    def _parse(self, reports: Iterable[Fetched], parsed: Parsed) -> Generator[tuple[str, pa.RecordBatch], None, None]:
        """Parses reports in chunks of one record shape, as they arrive."""
        waiting: dict[int, list[Fetched]] = {}
        with connect(self._warehouse.spool) as connection:
            for fetched in reports:
                chunk = waiting.setdefault(id(fetched.asked.kind.shape), [])
                chunk.append(fetched)
                if sum(report.bytes or 0 for report in chunk) >= CHUNK_BYTES:
                    yield from self._parse_chunk(connection, chunk, parsed)
                    chunk.clear()
            for chunk in waiting.values():
                if chunk:
                    yield from self._parse_chunk(connection, chunk, parsed)

    def _parse_chunk(
        self, connection: DuckDBPyConnection, chunk: list[Fetched], parsed: Parsed
    ) -> Iterator[tuple[str, pa.RecordBatch]]:
        contents = [fetched.content for fetched in chunk]
        shape = chunk[0].asked.kind.shape
        for table, batch in parse(connection, shape, contents, self._pseudonymizer, parsed, self._warehouse.spool):
            self.outcome.rows += batch.num_rows
            yield table, batch

    def _settle(self, fetched: Fetched, parsed: Parsed) -> Fetched:
        """Gives a report its last status; a rejected one's files are kept aside, and it is told."""
        reason = parsed.rejected.get(fetched.report_load_key)
        if reason:
            fetched.status = "rejected"
            fetched.detail = reason if str(fetched.asked) in reason else f"{fetched.asked}: {reason}"
        elif fetched.status == "loaded" and not parsed.totals[fetched.report_load_key].rows:
            fetched.status = "not_available"
            fetched.detail = "the report holds no record"
        if fetched.status == "rejected":
            # Named by content: the same file, met again on every run, is kept once.
            name = f"{fetched.asked.kind.name}_{fetched.asked.account.slug}_{str(fetched.sha256)[:12]}"
            kept = [
                keep_aside(file.path, self._warehouse.rejected / f"{name}_{number}.json")
                for number, file in enumerate(fetched.files, 1)
            ]
            remedy = f"Kept aside in {kept[0].parent}; the next run asks again."
            self.outcome.problems.append(RejectedFile(str(fetched.detail), remedy))
        return fetched

    def _note(self, fetched: Fetched, parsed: Parsed) -> None:
        """Updates the run's picture of the manifest and the outcome."""
        days = self._days(fetched.asked.account, fetched.asked.kind.name)
        before = days.get(fetched.window_end)
        self.outcome.reports[fetched.status] += 1
        if fetched.status == "loaded":
            self._superseded |= _is_loaded(before)
            read_on = fetched.downloaded_at.date()
            days[fetched.window_end] = LoadedReport("loaded", read_on, fetched.sha256, fetched.report_load_key)
            totals = parsed.totals[fetched.report_load_key]
            self._tell_unknown_fields(str(fetched.asked), totals.unknown_fields)
            if totals.duplicate_rows:
                self._warn(f"{fetched.asked}: {totals.duplicate_rows} records came more than once")
        elif not _is_loaded(before):
            days[fetched.window_end] = LoadedReport(fetched.status)
        if fetched.status == "not_available" and fetched.asked.kind is USERS_1_DAY:
            self._silent.setdefault(fetched.asked.account.account_id, set()).add(fetched.window_end)

    def _run_lists(self) -> None:
        """Reads the lists of every account and loads them together, as snapshots of today."""
        tables: list[tuple[str, pa.Table]] = []
        manifest: list[dict[str, Any]] = []
        for account in self._accounts:
            lists = AccountLists(self._client, account, self._pseudonymizer)
            task = self._progress.task(f"Lists of {account.slug}", total=len(lists.readers()))
            for report, table, reader in lists.readers():
                try:
                    snapshot = lists.read(report, table, reader)
                except (TokenRefused, VendorUnreachable):
                    raise
                except (PermissionMissing, RequestFailed) as error:
                    self.outcome.problems.append(error)
                else:
                    self._add_snapshot(account, snapshot, tables, manifest)
                task.advance(rows=self.outcome.rows)
        if manifest:
            self._warehouse.load(DATASET, tables)
            self._warehouse.remember_identifiers(self._pseudonymizer, SOURCE)
            self._warehouse.commit(DATASET, manifest)

    def _add_snapshot(
        self,
        account: Account,
        snapshot: Snapshot,
        tables: list[tuple[str, pa.Table]],
        manifest: list[dict[str, Any]],
    ) -> None:
        today = self._window.as_of
        fetched = Fetched(Asked(account, USERS_1_DAY, today), "loaded", 200, today, today)
        lineage = {
            "report_load_key": fetched.report_load_key,
            "account_id": account.account_id,
            "scope": account.scope,
            "snapshot_date": today,
        }
        if snapshot.rows:
            tables.append((snapshot.table.name, snapshot.table.to_arrow([{**row, **lineage} for row in snapshot.rows])))
        manifest.append(
            _manifest_row(fetched)
            | {
                "report": snapshot.report,
                "rows": len(snapshot.rows),
                "sha256": snapshot.sha256,
                "downloaded_at": snapshot.downloaded_at,
                "unknown_fields": as_json(snapshot.unknown_fields),
                "users": len({row["user_key"] for row in snapshot.rows if row.get("user_key")}),
            }
        )
        self._superseded |= _is_loaded(self._days(account, snapshot.report).get(today))
        self._tell_unknown_fields(f"{snapshot.report} of {account.account_id}", snapshot.unknown_fields)
        self.outcome.rows += len(snapshot.rows)
        self.outcome.reports["loaded"] += 1

    def _warn_of_silent_days(self) -> None:
        """A day without a report, after a day that has one, is told of once the vendor has had its time."""
        for account in self._accounts:
            days = self._days(account, USERS_1_DAY.name)
            for day in sorted(self._silent.get(account.account_id, ())):
                if day <= self._window.as_of - REPORTING_DAYS * ONE_DAY and _is_loaded(days.get(day - ONE_DAY)):
                    self._warn(f"{account.account_id}: no users on {day} although there were the day before")
            asked = bool(days) and (account.account_id, USERS_1_DAY.name) not in self._refused
            if asked and not any(_is_loaded(entry) for entry in days.values()):
                self._warn(
                    f"{account.account_id}: GitHub has no report at all; check its spelling and the token's access"
                )

    def _tell_unknown_fields(self, where: str, fields: dict[str, int]) -> None:
        if fields:
            self._warn(f"{where}: GitHub sent unknown fields: {', '.join(sorted(fields))}")

    def _warn(self, text: str) -> None:
        self.outcome.warnings.append(text)


def _is_loaded(entry: LoadedReport | None) -> bool:
    return entry is not None and entry.report_load_key is not None


def _one_batch(reports: Iterator[Fetched]) -> Iterator[Fetched]:
    """The next reports that are loaded and committed together."""
    size = 0
    for number, fetched in enumerate(reports, 1):
        yield fetched
        size += fetched.bytes or 0
        if number >= BATCH_REPORTS or size >= BATCH_BYTES:
            return


def _manifest_row(fetched: Fetched, parsed: Parsed | None = None) -> dict[str, Any]:
    totals = parsed.totals.get(fetched.report_load_key) if parsed and fetched.status == "loaded" else None
    return {
        "report_load_key": fetched.report_load_key,
        "source": SOURCE,
        "account_id": fetched.asked.account.account_id,
        "scope": fetched.asked.account.scope,
        "report": fetched.asked.kind.name,
        "report_date": fetched.window_end,
        "window_start": fetched.window_start,
        "window_end": fetched.window_end,
        "status": fetched.status,
        "http_status": fetched.http_status or None,
        "files": len(fetched.files) or None,
        "rows": totals.rows if totals else None,
        "bytes": fetched.bytes,
        "sha256": fetched.sha256,
        "credits_sum": totals.credits_sum if totals else None,
        "users": totals.users if totals else None,
        "duplicate_rows": totals.duplicate_rows if totals else None,
        "unknown_fields": as_json(totals.unknown_fields) if totals else None,
        "detail": fetched.detail,
        "downloaded_at": fetched.downloaded_at,
    }
