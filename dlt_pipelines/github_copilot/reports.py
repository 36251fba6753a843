"""Copilot's dated reports: asking for one, fetching its signed links at once, and what the answer means."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dlt_pipelines.errors import RequestFailed
from dlt_pipelines.fetched import Asked, Fetched
from dlt_pipelines.github_copilot import records
from dlt_pipelines.github_copilot.permissions import refusal
from dlt_pipelines.github_copilot.settings import Account
from dlt_pipelines.http import ApiClient, DownloadedFile
from dlt_pipelines.record_shapes import RecordShape
from dlt_pipelines.report_files import ReportFile, detect_format, ends_mid_record

LINK_ATTEMPTS = 3


@dataclass(frozen=True)
class ReportKind:
    """A report of the Copilot usage metrics API and the shape of its records."""

    name: str
    shape: RecordShape
    latest: bool = False
    may_be_empty: bool = False


USERS_1_DAY = ReportKind("users-1-day", records.USER_DAY)
USERS_28_DAY = ReportKind("users-28-day", records.USER_DAY, latest=True)
USER_TEAMS_1_DAY = ReportKind("user-teams-1-day", records.USER_TEAM_DAY)
REPOS_1_DAY = ReportKind("repos-1-day", records.REPOSITORY_DAY)
ACCOUNT_1_DAY = {
    "organization": ReportKind("organization-1-day", records.ACCOUNT_DAY),
    "enterprise": ReportKind("enterprise-1-day", records.ACCOUNT_DAY),
}


def daily_reports(account: Account) -> list[ReportKind]:
    """The reports that an account has for every day."""
    return [USERS_1_DAY, USER_TEAMS_1_DAY, ACCOUNT_1_DAY[account.scope], REPOS_1_DAY]


def fetch(client: ApiClient, asked: Asked[Account], spool: Path, today: date) -> Fetched:
    """Asks for a report and stores its files under `spool`.

    204, 404, an answer without links and empty files all mean "not there yet". Raises PermissionMissing on 401 and
    403, RequestFailed when the signed links expire again and again.
    """
    for _ in range(LINK_ATTEMPTS):
        path = f"{asked.account.path}/copilot/metrics/reports/{asked.kind.name}"
        answer = client.get(f"{path}/latest") if asked.day is None else client.get(path, {"day": str(asked.day)})
        start, end = _window(asked, answer.body, today)
        if answer.status in (401, 403):
            raise refusal(asked.account, asked.kind.name, answer)
        if answer.status not in (200, 204, 404):
            raise RequestFailed(f"{asked}: GitHub answered {answer.status} {answer.message}".rstrip(), "Try later.")
        links = (answer.body or {}).get("download_links") or []
        if answer.status != 200 or not links:
            detail = f"GitHub answered {answer.status}" + ("" if answer.status != 200 else " without links")
            return Fetched(asked, "not_available", answer.status, start, end, detail=detail)
        downloads = _download_all(client, links, spool, asked)
        if downloads is not None:
            return _fetched(asked, start, end, downloads)
    raise RequestFailed(
        f"{asked}: its signed links expired {LINK_ATTEMPTS} times before they were fetched", "Try later."
    )


def _window(asked: Asked[Account], body: object, today: date) -> tuple[date, date]:
    if asked.day is not None:
        return asked.day, asked.day
    if isinstance(body, dict) and "report_end_day" in body:
        return date.fromisoformat(body["report_start_day"]), date.fromisoformat(body["report_end_day"])
    return today, today


def _download_all(
    client: ApiClient, links: list[str], spool: Path, asked: Asked[Account]
) -> list[DownloadedFile] | None:
    """All files of a report, or None as soon as one of its links has expired."""
    stem = f"{asked.kind.name}_{asked.account.slug}_{asked.day or 'latest'}_{uuid.uuid4().hex[:8]}"
    downloads = []
    for number, link in enumerate(links, 1):
        downloaded = client.download(link, spool / f"{stem}_{number}.ndjson")
        if downloaded is None:
            return None
        downloads.append(downloaded)
    return downloads


def _fetched(asked: Asked[Account], start: date, end: date, downloads: list[DownloadedFile]) -> Fetched:
    """Looks at the files' outlines: their layout, emptiness, and whether one ends in the middle of a record."""
    files = []
    cut = None
    for number, download in enumerate(downloads, 1):
        label = f"{asked}, file {number} of {len(downloads)}"
        layout = detect_format(download.path)
        if layout is None:
            continue
        files.append(ReportFile(download.path, label, layout))
        if ends_mid_record(download.path, layout):
            cut = f"{label} ends in the middle of a record; nothing of it was loaded"
    size = sum(download.bytes for download in downloads)
    if not files:
        return Fetched(asked, "not_available", 200, start, end, bytes=size, detail="every file is empty")
    digests = "".join(sorted(download.sha256 for download in downloads))
    sha256 = digests if len(downloads) == 1 else hashlib.sha256(digests.encode()).hexdigest()
    return Fetched(asked, "rejected" if cut else "loaded", 200, start, end, files, sha256, size, cut)
