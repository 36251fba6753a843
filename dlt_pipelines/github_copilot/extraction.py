"""One extraction of GitHub Copilot over all configured accounts: dated reports oldest first, then the lists."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from datetime import date
from typing import Any

import pyarrow as pa

from dlt_pipelines.errors import PermissionMissing, RequestFailed, TokenRefused, VendorUnreachable
from dlt_pipelines.fetched import Asked, Fetched
from dlt_pipelines.github_client import github_client
from dlt_pipelines.github_copilot.lists import AccountLists, Snapshot
from dlt_pipelines.github_copilot.reports import USERS_1_DAY, USERS_28_DAY, daily_reports, fetch
from dlt_pipelines.github_copilot.settings import (
    API_VERSION,
    FIRST_DAYS,
    HISTORY_DAYS,
    Account,
    GithubCopilotSettings,
    accounts,
)
from dlt_pipelines.github_copilot.tables import DATASET
from dlt_pipelines.http import Clock
from dlt_pipelines.identifiers import Pseudonymizer
from dlt_pipelines.loading import BATCH_REPORTS, ReportLoader, is_loaded
from dlt_pipelines.outcome import Outcome
from dlt_pipelines.pipelines import LoadedReport, Warehouse, as_json
from dlt_pipelines.progress import Progress
from dlt_pipelines.windows import ONE_DAY, DayRead, Window, days_to_read

SOURCE = "github_copilot"

# Days that the vendor has had time to report; younger ones may be missing without a word.
REPORTING_DAYS = 3


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
        self._client = github_client(settings, API_VERSION, clock, progress.note)
        self._accounts = accounts(settings)
        self.loader = ReportLoader("GitHub", DATASET, warehouse, pseudonymizer, outcome)
        self._refused: set[tuple[str, str]] = set()
        self._silent: dict[str, set[date]] = {}
        self.outcome = outcome

    def run(self) -> None:
        """Extracts everything that is due; problems of single reports are gathered, not raised."""
        self._note_backfill()
        self._run_reports(self._due_daily())
        self._run_reports(self._due_28_day())
        self._run_lists()
        self._warn_of_silent_days()
        self.loader.finish()

    def _days(self, account: Account, report: str) -> dict[date, LoadedReport]:
        return self.loader.days(account, report)

    def _earliest(self, account: Account) -> date:
        return max(FIRST_DAYS[account.scope], self._window.as_of - HISTORY_DAYS * ONE_DAY)

    def _due_daily(self) -> list[Asked[Account]]:
        due = []
        for account in self._accounts:
            for kind in daily_reports(account):
                known = self._days(account, kind.name).items()
                history = {day: DayRead(entry.status, entry.read_on) for day, entry in known}
                days = days_to_read(self._window, history, earliest=self._earliest(account))
                due += [Asked(account, kind, day) for day in days]
        return sorted(due, key=lambda asked: (asked.day or date.max, asked.account.account_id, asked.kind.name))

    def _due_28_day(self) -> list[Asked[Account]]:
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
        ends = [end for end, entry in self._days(account, USERS_28_DAY.name).items() if is_loaded(entry)]
        return any(
            not is_loaded(single_days.get(day))
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
                    rows.append(asked.manifest_row(SOURCE))
                    days[start] = LoadedReport("backfill_requested")
        if rows:
            self._warehouse.commit(DATASET, rows)

    def _run_reports(self, due: list[Asked[Account]]) -> None:
        if not due:
            return
        task = self._progress.task("Copilot reports", total=len(due))

        def fetched_reports() -> Iterator[Fetched]:
            for asked, fetched in zip(due, answers, strict=True):
                task.advance(rows=self.outcome.rows, day=asked.day)
                if fetched is not None:
                    yield fetched

        with closing(self._fetch_all(due)) as answers:
            self.loader.load_all(fetched_reports(), self._note_silence)
        task.advance(0, rows=self.outcome.rows)

    def _fetch_all(self, due: list[Asked[Account]]) -> Generator[Fetched | None, None, None]:
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

    def _fetch(self, asked: Asked[Account]) -> Fetched | None:
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

    def _note_silence(self, fetched: Fetched) -> None:
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
            fetched.manifest_row(SOURCE)
            | {
                "report": snapshot.report,
                "rows": len(snapshot.rows),
                "sha256": snapshot.sha256,
                "downloaded_at": snapshot.downloaded_at,
                "unknown_fields": as_json(snapshot.unknown_fields),
                "users": len({row["user_key"] for row in snapshot.rows if row.get("user_key")}),
            }
        )
        self.loader.supersede(account, snapshot.report, today)
        self.loader.warn_of_unknown_fields(f"{snapshot.report} of {account.account_id}", snapshot.unknown_fields)
        self.outcome.rows += len(snapshot.rows)
        self.outcome.reports["loaded"] += 1

    def _warn_of_silent_days(self) -> None:
        """A day without a report, after a day that has one, is told of once the vendor has had its time."""
        for account in self._accounts:
            days = self._days(account, USERS_1_DAY.name)
            for day in sorted(self._silent.get(account.account_id, ())):
                if day <= self._window.as_of - REPORTING_DAYS * ONE_DAY and is_loaded(days.get(day - ONE_DAY)):
                    self._warn(f"{account.account_id}: no users on {day} although there were the day before")
            asked = bool(days) and (account.account_id, USERS_1_DAY.name) not in self._refused
            if asked and not any(is_loaded(entry) for entry in days.values()):
                self._warn(
                    f"{account.account_id}: GitHub has no report at all; check its spelling and the token's access"
                )

    def _warn(self, text: str) -> None:
        self.outcome.warnings.append(text)


def extract(
    settings: GithubCopilotSettings,
    warehouse: Warehouse,
    window: Window,
    pseudonymizer: Pseudonymizer,
    outcome: Outcome,
    progress: Progress,
    clock: Clock | None = None,
) -> None:
    """Extracts all configured accounts; problems of single reports are gathered in the outcome."""
    CopilotExtraction(settings, warehouse, window, pseudonymizer, outcome, progress, clock).run()
