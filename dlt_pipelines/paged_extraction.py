"""One extraction of a vendor that answers in pages: closed days oldest first, then the lists as they are today."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from dlt_pipelines.errors import PermissionMissing, RequestFailed, TokenRefused, VendorUnreachable
from dlt_pipelines.fetched import Account, Asked, Fetched
from dlt_pipelines.http import ApiClient
from dlt_pipelines.identifiers import Pseudonymizer
from dlt_pipelines.loading import BATCH_REPORTS, ReportLoader
from dlt_pipelines.outcome import Outcome
from dlt_pipelines.pages import NotThereYet, Page, PageFiles, WindowMoved
from dlt_pipelines.pipelines import LoadedReport, Warehouse
from dlt_pipelines.progress import Progress
from dlt_pipelines.record_shapes import RecordShape
from dlt_pipelines.schema import Dataset
from dlt_pipelines.windows import (
    FINAL_AFTER_DAYS,
    ONE_DAY,
    DayRead,
    Window,
    days_to_read,
    last_of_month,
    months_to_read,
)

# What Python raises where an answer is not built as documented.
ODD_FORMS = (msgspec.MsgspecError, AttributeError, TypeError, KeyError, IndexError, ValueError)
REPORT_IT = "The vendor changed its API; report this."
# How often a window is read from page one when it moves.
WINDOW_ATTEMPTS = 4


@dataclass(frozen=True)
class NamedAccount:
    """An account of a vendor: '<scope>/<slug>'."""

    scope: str
    slug: str

    @property
    def account_id(self) -> str:
        """The id under which the ledger keeps the account."""
        return f"{self.scope}/{self.slug}"


@dataclass(frozen=True)
class Endpoint:
    """A report of a vendor's API: how its pages are read (the whole day, or the list as it is) and their shape.

    Dated reports are asked for day by day, from `first_day` and at most `history_days` back; a day may be restated
    until `final_after_days` after it. `asks_for` says which days are this report's to tell: another may have the rest.
    A `monthly` report is asked for by the first day of a month and covers the month as far as it has come.
    """

    name: str
    shape: RecordShape
    pages: Callable[[Asked[NamedAccount]], Iterator[Page]]
    dated: bool = True
    first_day: date = date(2020, 1, 1)
    history_days: int = 365
    final_after_days: int = FINAL_AFTER_DAYS
    may_be_empty: bool = True
    asks_for: Callable[[date], bool] = lambda _: True
    monthly: bool = False


@dataclass(frozen=True)
class Target:
    """An account, the client that speaks for it and what to ask it."""

    account: NamedAccount
    client: ApiClient
    endpoints: Sequence[Endpoint]


class PagedExtraction:
    """One run over a vendor's targets; what it does is told in `outcome`."""

    def __init__(
        self,
        vendor: str,
        dataset: Dataset,
        targets: Sequence[Target],
        warehouse: Warehouse,
        window: Window,
        pseudonymizer: Pseudonymizer,
        outcome: Outcome,
        progress: Progress,
        *,
        concurrency: int = 4,
    ) -> None:
        self._vendor = vendor
        self._dataset = dataset
        self._targets = targets
        self._warehouse = warehouse
        self._window = window
        self._progress = progress
        self._concurrency = concurrency
        self._refused: set[tuple[str, str]] = set()
        self.loader = ReportLoader(vendor, dataset, warehouse, pseudonymizer, outcome)
        self.outcome = outcome

    def run(self) -> None:
        """Extracts everything that is due; problems of single reports are gathered, not raised."""
        self._note_backfill()
        self._read(f"{self._vendor} reports", self._due())
        # By themselves: a list that is refused must not cost the days that were read.
        self._read(f"{self._vendor} lists", self._lists())
        self.loader.finish()

    def _days(self, account: Account, report: str) -> dict[date, LoadedReport]:
        return self.loader.days(account, report)

    def _earliest(self, endpoint: Endpoint) -> date:
        return max(endpoint.first_day, self._window.as_of - endpoint.history_days * ONE_DAY)

    def _due(self) -> list[Asked[NamedAccount]]:
        due = []
        for target in self._targets:
            for endpoint in target.endpoints:
                if endpoint.dated:
                    known = self._days(target.account, endpoint.name).items()
                    history = {day: DayRead(entry.status, entry.read_on) for day, entry in known}
                    to_read = months_to_read if endpoint.monthly else days_to_read
                    days = to_read(
                        self._window,
                        history,
                        earliest=self._earliest(endpoint),
                        final_after_days=endpoint.final_after_days,
                    )
                    due += [Asked(target.account, endpoint, day) for day in days if endpoint.asks_for(day)]
        return sorted(due, key=lambda asked: (asked.day or date.max, asked.account.account_id, asked.kind.name))

    def _lists(self) -> list[Asked[NamedAccount]]:
        return [
            Asked(target.account, endpoint, None)
            for target in self._targets
            for endpoint in target.endpoints
            if not endpoint.dated
        ]

    def _note_backfill(self) -> None:
        """Records how far back the user asked, before anything is read: a killed back-fill is carried on from there."""
        if not self._window.since:
            return
        rows: list[dict[str, Any]] = []
        for target in self._targets:
            for endpoint in target.endpoints:
                days = self._days(target.account, endpoint.name)
                start = max(self._window.since, self._earliest(endpoint))
                start = start.replace(day=1) if endpoint.monthly else start
                while start <= self._window.last_day and not endpoint.asks_for(start):
                    start += ONE_DAY
                if endpoint.dated and start <= self._window.last_day and start < min(days, default=date.max):
                    asked = Asked(target.account, endpoint, start)
                    rows.append(
                        Fetched(asked, "backfill_requested", 0, start, start).manifest_row(self._dataset.source)
                    )
                    days[start] = LoadedReport("backfill_requested")
        if rows:
            self._warehouse.commit(self._dataset, rows)

    def _read(self, title: str, due: Sequence[Asked[NamedAccount]]) -> None:
        if not due:
            return
        task = self._progress.task(title, total=len(due))

        def fetched_reports() -> Iterator[Fetched]:
            for asked, fetched in zip(due, answers, strict=True):
                task.advance(rows=self.outcome.rows, day=asked.day)
                if fetched is not None:
                    yield fetched

        with closing(self._fetch_all(due)) as answers:
            self.loader.load_all(fetched_reports())
        task.advance(0, rows=self.outcome.rows)

    def _fetch_all(self, due: Sequence[Asked[NamedAccount]]) -> Generator[Fetched | None, None, None]:
        """The reports in the order asked for, fetched ahead while others are loaded."""
        waiting = iter(due)
        pending: deque[Future[Fetched | None]] = deque()
        with ThreadPoolExecutor(self._concurrency) as pool:
            try:
                while True:
                    while len(pending) < BATCH_REPORTS and (asked := next(waiting, None)) is not None:
                        pending.append(pool.submit(self._fetch, asked))
                    if not pending:
                        return
                    yield pending.popleft().result()
            except BaseException:
                for target in self._targets:
                    target.client.close()
                raise
            finally:
                pool.shutdown(cancel_futures=True)

    def _fetch(self, asked: Asked[NamedAccount]) -> Fetched | None:
        """One report; None where the account refuses this kind of report, which is told once."""
        place = (asked.account.account_id, asked.kind.name)
        if place in self._refused:
            return None
        try:
            return self._fetch_pages(asked)
        except (TokenRefused, VendorUnreachable):
            raise
        except PermissionMissing as error:
            if place not in self._refused:
                self._refused.add(place)
                self.outcome.problems.append(error)
        except RequestFailed as error:
            self.outcome.problems.append(error)
        except ODD_FORMS as error:
            # Their texts may quote what the vendor sent.
            form = type(error).__name__
            self.outcome.problems.append(RequestFailed(f"{asked}: an answer of an unknown form ({form})", REPORT_IT))
        return None

    def _fetch_pages(self, asked: Asked[NamedAccount]) -> Fetched:
        """All pages of a report; read again from page one where the window moves meanwhile."""
        day = asked.day or self._window.as_of
        endpoint = asked.kind
        assert isinstance(endpoint, Endpoint)
        last = min(last_of_month(day), self._window.as_of) if endpoint.monthly else day
        for _ in range(WINDOW_ATTEMPTS):
            files = PageFiles(self._warehouse.spool, asked)
            try:
                for page in endpoint.pages(asked):
                    files.add(page)
            except WindowMoved:
                files.discard()
            except NotThereYet as reason:
                files.discard()
                return Fetched(asked, "not_available", 200, day, last, detail=str(reason) or None, dated=day)
            except BaseException:
                files.discard()
                raise
            else:
                return Fetched(
                    asked,
                    "loaded",
                    200,
                    day,
                    last,
                    files.files,
                    files.sha256,
                    files.bytes,
                    envelope_fields=files.unknown_fields,
                    dated=day,
                )
        raise RequestFailed(f"{asked}: its pages moved while they were read, {WINDOW_ATTEMPTS} times", "Try later.")
