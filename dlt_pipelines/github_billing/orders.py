"""Usage report exports of an enterprise, ordered over the API: asked for, waited for, fetched by their signed links.

GitHub makes one report at a time, and takes minutes. An order is found again in GitHub's list: a run that was killed
while it waited costs no second one.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection

from dlt_pipelines import csv_exports
from dlt_pipelines.csv_exports import StoredExport
from dlt_pipelines.errors import RejectedFile, RequestFailed
from dlt_pipelines.fetched import Asked, Fetched
from dlt_pipelines.github_billing import export_files
from dlt_pipelines.github_billing.endpoints import path_of
from dlt_pipelines.github_billing.export_files import (
    AI_CREDIT,
    DETAILED,
    NOTHING,
    ORDERED,
    PREMIUM_REQUEST,
    DayRows,
)
from dlt_pipelines.github_billing.exports import day_of
from dlt_pipelines.github_billing.permissions import check
from dlt_pipelines.github_billing.settings import AI_CREDITS_FIRST_DAY, FINAL_AFTER_DAYS, HISTORY_DAYS
from dlt_pipelines.http import ApiClient
from dlt_pipelines.loading import ReportLoader, is_loaded
from dlt_pipelines.paged_extraction import REPORT_IT, NamedAccount
from dlt_pipelines.pipelines import LoadedReport
from dlt_pipelines.windows import ONE_DAY, DayRead, Window, current_time, days_to_read, last_of_month

# Seconds between two looks at a report that is being made; the last one again and again.
PAUSES = (2, 5, 10, 20, 30)
LINK_ATTEMPTS = 3
# A finished order this young is taken instead of a new one: a run was killed, or failed, after it had ordered.
REUSED_FOR = timedelta(hours=12)
# One that is still being made after this long is not waited for again: it is ordered anew.
MADE_WITHIN = timedelta(hours=2)
IN_FLIGHT = 409
GONE = 404

ORDERED_REPORTS = (AI_CREDIT, PREMIUM_REQUEST, DETAILED)


@dataclass(frozen=True)
class Order:
    """A kind of report and its span: within one month, so never above GitHub's limit of 31 days."""

    report: str
    start: date
    end: date

    @property
    def name(self) -> str:
        """How it is called in messages and in file_name."""
        return f"{self.report} {self.start} to {self.end}"

    @property
    def days(self) -> list[date]:
        """Its days."""
        return [self.start + number * ONE_DAY for number in range((self.end - self.start).days + 1)]

    @property
    def body(self) -> dict[str, Any]:
        """What is sent; nobody gets an e-mail."""
        return {
            "report_type": self.report,
            "start_date": self.start.isoformat(),
            "end_date": self.end.isoformat(),
            "send_email": False,
        }

    def is_for(self, found: Mapping[str, Any]) -> bool:
        """Whether a report of GitHub's list is this one."""
        return all(str(found.get(name))[:10] == value[:10] for name, value in self.body.items() if value)


class WaitingRanOut(RequestFailed):
    """GitHub makes one report at a time, and did not come to the next one while it was waited for."""


@dataclass(frozen=True)
class Delivery:
    """The files of a report, and whether it had been ordered before this run asked for it."""

    files: list[StoredExport]
    was_there: bool


class ReportOrders:
    """Orders of one enterprise, one after the other."""

    def __init__(self, client: ApiClient, account: NamedAccount, wait_minutes: int) -> None:
        self._client = client
        self._account = account
        self._path = f"{path_of(account)}/reports"
        self._wait_seconds = wait_minutes * 60
        self._forgotten: set[str] = set()

    def deliver(self, order: Order, spool: Path, *, anew: bool = False) -> Delivery:
        """The files of a report, in `spool`; none where GitHub has no rows for it.

        One that is there already is taken, but for `anew`. Raises RequestFailed where it fails, WaitingRanOut where it
        is not made in time, PermissionMissing on 401, 403 and 404.
        """
        report, was_there = self._placed(order, anew)
        for _ in range(LINK_ATTEMPTS):
            report = self._completed(order, report)
            links = report.get("download_urls") or []
            if not isinstance(links, list) or not all(isinstance(link, str) for link in links):
                raise RequestFailed(f"{self._what(order)}: its links are of an unknown form", REPORT_IT)
            stored = self._download(links, order, spool)
            if stored is not None:
                return Delivery(stored, was_there)
            report = self._known(order, report)
        raise RequestFailed(
            f"{self._what(order)}: its signed links expired {LINK_ATTEMPTS} times before they were fetched",
            "Try later.",
        )

    def listed(self) -> list[dict[str, Any]]:
        """GitHub's list of reports."""
        answer = self._client.get(self._path)
        check(self._account, "usage reports", answer, 200)
        found = answer.body.get("usage_report_exports") if isinstance(answer.body, dict) else None
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise RequestFailed(
                f"usage reports of {self._account.account_id}: an answer without a list of usage_report_exports",
                REPORT_IT,
            )
        return found

    def _what(self, order: Order) -> str:
        return f"the report {order.name} of {self._account.account_id}"

    def _placed(self, order: Order, anew: bool) -> tuple[dict[str, Any], bool]:
        """A report for the order and whether it was there already; else a new one, after any other has been made."""
        waited = 0
        attempt = 0
        while True:
            while not anew and (found := self._reusable(order)) is not None:
                # The list's own links may have expired, or be left out.
                if (report := self._look(found)) is not None:
                    return report, True
                self._forgotten.add(str(found.get("id")))
            answer = self._client.post(self._path, order.body)
            if answer.status != IN_FLIGHT:
                check(self._account, f"the report {order.name}", answer, 200, 201, 202)
                if not isinstance(answer.body, dict) or not answer.body.get("id"):
                    raise RequestFailed(f"{self._what(order)}: GitHub took the order and gave it no id", REPORT_IT)
                return answer.body, False
            waited = self._pause(order, attempt, waited, "another report is being made")
            attempt += 1

    def _reusable(self, order: Order) -> dict[str, Any] | None:
        """The newest of GitHub's reports that is this order, on its way or just made."""
        alike = [
            found
            for found in self.listed()
            if order.is_for(found) and _is_fresh(found) and str(found.get("id")) not in self._forgotten
        ]
        return max(alike, key=lambda found: str(found.get("created_at")), default=None)

    def _completed(self, order: Order, report: dict[str, Any]) -> dict[str, Any]:
        """The report as it is once GitHub has made it."""
        waited = 0
        attempt = 0
        while report.get("status") == "processing":
            waited = self._pause(order, attempt, waited, "it is still being made")
            attempt += 1
            report = self._known(order, report)
        if report.get("status") != "completed":
            raise RequestFailed(
                f"{self._what(order)}: GitHub could not make it (status {report.get('status')})",
                "The next run orders it again.",
            )
        return report

    def _look(self, report: dict[str, Any]) -> dict[str, Any] | None:
        """A report as it is now; None where GitHub, which listed it, knows it no more."""
        answer = self._client.get(f"{self._path}/{report.get('id')}")
        if answer.status == GONE:
            return None
        check(self._account, "usage reports", answer, 200)
        if not isinstance(answer.body, dict):
            raise RequestFailed(f"usage reports of {self._account.account_id}: an answer of another form", REPORT_IT)
        # What it is called is known; an answer may leave it out.
        return {"id": report.get("id"), **answer.body}

    def _known(self, order: Order, report: dict[str, Any]) -> dict[str, Any]:
        if (found := self._look(report)) is None:
            raise RequestFailed(f"{self._what(order)}: GitHub knows it no more", "The next run orders it again.")
        return found

    def _pause(self, order: Order, attempt: int, waited: int, why: str) -> int:
        """Waits before the next look, and returns the seconds waited in all."""
        if waited >= self._wait_seconds:
            raise WaitingRanOut(
                f"{self._what(order)}: {why} after {self._wait_seconds // 60} minutes", "The next run finds it again."
            )
        pause = PAUSES[min(attempt, len(PAUSES) - 1)]
        self._client.pause(pause)
        return waited + pause

    def _download(self, links: list[str], order: Order, spool: Path) -> list[StoredExport] | None:
        """The files behind the links; None as soon as one has expired."""
        stored = []
        for number, link in enumerate(links, 1):
            path = spool / f"{order.report}_{order.start}_{number}_{uuid.uuid4().hex}.csv"
            downloaded = self._client.download(link, path)
            if downloaded is None:
                return None
            part = f" (file {number} of {len(links)})" if len(links) > 1 else ""
            stored.append(StoredExport(f"{order.name}{part}", path, downloaded.sha256, downloaded.bytes))
        return stored


def _is_fresh(report: Mapping[str, Any]) -> bool:
    """Whether a report of the list stands for one ordered now: on its way, or made within the last hours."""
    try:
        created = datetime.fromisoformat(str(report.get("created_at")))
    except ValueError:
        return False
    created = created if created.tzinfo else created.replace(tzinfo=UTC)
    longest = {"processing": MADE_WITHIN, "completed": REUSED_FOR}.get(str(report.get("status")))
    return longest is not None and abs(current_time() - created) <= longest


def due_orders(account: NamedAccount, window: Window, loader: ReportLoader) -> list[Order]:
    """What to order, oldest first: for every month with days to read, the span from the first to the last of them."""
    orders = []
    for report in ORDERED_REPORTS:
        known = loader.days(account, ORDERED[report].name).items()
        history = {day: DayRead(entry.status, entry.read_on) for day, entry in known}
        days = days_to_read(window, history, earliest=_earliest(report, window), final_after_days=FINAL_AFTER_DAYS)
        months: dict[date, list[date]] = {}
        for day in days:
            if report != PREMIUM_REQUEST or day < AI_CREDITS_FIRST_DAY:
                months.setdefault(last_of_month(day), []).append(day)
        orders += [Order(report, found[0], found[-1]) for found in months.values()]
    return sorted(orders, key=lambda order: (order.start, order.report))


def _earliest(report: str, window: Window) -> date:
    earliest = window.as_of - HISTORY_DAYS * ONE_DAY
    return max(earliest, AI_CREDITS_FIRST_DAY) if report == AI_CREDIT else earliest


def note_backfill(account: NamedAccount, window: Window, loader: ReportLoader, source: str) -> list[dict[str, Any]]:
    """The manifest rows of how far back the user asked, so that a killed back-fill is carried on from there."""
    rows = []
    for report in ORDERED_REPORTS:
        if window.since is None:
            continue
        start = max(window.since, _earliest(report, window))
        days = loader.days(account, ORDERED[report].name)
        is_asked = report != PREMIUM_REQUEST or start < AI_CREDITS_FIRST_DAY
        if is_asked and start <= window.last_day and start < min(days, default=date.max):
            asked = Asked(account, ORDERED[report], start)
            rows.append(Fetched(asked, "backfill_requested", 0, start, start).manifest_row(source))
            days[start] = LoadedReport("backfill_requested")
    return rows


def ordered_days(
    orders: ReportOrders,
    order: Order,
    account: NamedAccount,
    today: date,
    spool: Path,
    connection: DuckDBPyConnection,
    loader: ReportLoader,
) -> list[Fetched]:
    """A report for each day of an order, those without a row included; raises what `deliver` does.

    A report without any row takes nothing away: where a day of it was read with rows before, it is ordered anew, and
    told if that one is empty too.
    """
    kind = ORDERED[order.report]
    known = loader.days(account, kind.name)
    had_rows = any((entry := known.get(day)) and is_loaded(entry) and entry.sha256 != NOTHING for day in order.days)
    delivery = orders.deliver(order, spool)
    try:
        rows = _rows(order, delivery, connection)
        if had_rows and not rows and delivery.was_there:
            delivery = orders.deliver(order, spool, anew=True)
            rows = _rows(order, delivery, connection)
    except RejectedFile as problem:
        return [csv_exports.stored_rejected(account, kind, part, problem, today) for part in delivery.files]
    if had_rows and not rows:
        empty = "it came without a row, and days of it had been read with rows"
        what = f"the report {order.name} of {account.account_id}: {empty}"
        loader.outcome.problems.append(RequestFailed(what, "What was read stays; the next run orders it again."))
        return [Fetched(Asked(account, kind, day), "not_available", 200, day, day, detail=empty) for day in order.days]
    return [
        day_of(Asked(account, kind, day), rows.get(day), spool, connection, loader, http_status=200)
        for day in order.days
    ]


def _rows(order: Order, delivery: Delivery, connection: DuckDBPyConnection) -> Mapping[date, DayRows]:
    """What a report holds of each day; raises RejectedFile where one of several files came empty."""
    files = delivery.files
    if len(files) > 1 and (empty := [part.name for part in files if not part.bytes]):
        raise RejectedFile(f"{empty[0]}: it is empty, and others of the report are not", "Report this if it stays.")
    if not any(part.bytes for part in files):
        return {}
    found = export_files.read(connection, files, order.name)
    # What was ordered is known, whatever columns it comes to have.
    found.report = order.report
    _refuse_other_days(order, found.days)
    return found.days


def _refuse_other_days(order: Order, rows: Mapping[date, DayRows]) -> None:
    if other := sorted(set(rows) - set(order.days)):
        raise RejectedFile(f"{order.name}: it holds rows of {other[0]}", "Report this.")
