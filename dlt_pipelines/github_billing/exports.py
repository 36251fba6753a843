"""Usage reports that somebody downloaded from GitHub and dropped in a folder, as e-mailed or as exported by hand.

Each UTC day of a kind of report is a report of its own. Of several files the newest speaks for a day, by the time of
its last change; on the first and last day of a file, which may be cut off, the one with most rows. What is set aside
is listed with its rows and amounts.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from duckdb import DuckDBPyConnection

from dlt_pipelines import csv_exports
from dlt_pipelines.csv_exports import ExportKind, Records
from dlt_pipelines.errors import RejectedFile
from dlt_pipelines.fetched import Asked, Fetched
from dlt_pipelines.github_billing import export_files, records
from dlt_pipelines.github_billing.export_files import DROPPED, NOTHING, REPORTS, DayRows, ExportFile
from dlt_pipelines.loading import ReportLoader
from dlt_pipelines.paged_extraction import NamedAccount
from dlt_pipelines.report_files import ReportFile

SETTING = "SOURCES__GITHUB_BILLING__EXPORT_GLOB"
SUPERSEDED = ExportKind("superseded-exports", records.SUPERSEDED_EXPORT, may_be_empty=True)
# Where a file is so odd that its kind does not show.
UNKNOWN = ExportKind("usage-report-csv", records.EXPORT_ROW)


def exported_days(
    pattern: str, account: NamedAccount, today: date, spool: Path, connection: DuckDBPyConnection, loader: ReportLoader
) -> Iterator[Fetched]:
    """A report for each day and kind that the files speak of, what was set aside, and each file with a mistake.

    Raises ConfigurationError where no file matches.
    """
    good: dict[str, ExportFile] = {}
    twins: list[ExportFile] = []
    for export in csv_exports.store_exports(pattern, SETTING, spool):
        if (first := good.get(export.sha256)) is not None:
            twins.append(ExportFile(export.name, export.sha256, export.bytes, first.report, [], first.days))
            continue
        try:
            good[export.sha256] = export_files.read(connection, [export], export.name)
        except RejectedFile as problem:
            yield csv_exports.stored_rejected(account, UNKNOWN, export, problem, today)
    aside: dict[date, list[dict[str, object]]] = {}
    for report in REPORTS:
        files = [file for file in good.values() if file.report == report]
        speaking = csv_exports.speaking_days((file.modified, file.days) for file in files)
        for day, rows in speaking.items():
            yield day_of(Asked(account, DROPPED[report], day), rows, spool, connection, loader)
        for file in [*files, *(twin for twin in twins if twin.report == report)]:
            for day, rows in file.days.items():
                if file is not speaking[day].file:
                    aside.setdefault(day, []).append(_set_aside(file, rows, speaking[day], day))
    spoken = sorted({day for file in good.values() for day in file.days})
    yield from _superseded(account, spoken, aside, spool, loader)


def day_of(
    asked: Asked[NamedAccount],
    rows: DayRows | None,
    spool: Path,
    connection: DuckDBPyConnection,
    loader: ReportLoader,
    http_status: int = 0,
) -> Fetched:
    """A day of an export as the loader takes it; its rows are written only where they are not the ones loaded."""
    assert asked.day is not None
    if rows is None:
        return Fetched(asked, "loaded", http_status, asked.day, asked.day, sha256=NOTHING, bytes=0)
    files = []
    known = loader.days(asked.account, asked.kind.name).get(asked.day)
    if known is None or known.sha256 != rows.sha256:
        path = spool / f"{asked.kind.name}_{asked.account.slug}_{asked.day}_{uuid.uuid4().hex}.parquet"
        export_files.write_day(connection, rows, asked.day, path)
        files.append(ReportFile(path, str(asked), "parquet"))
    share = rows.file.bytes * rows.rows // max(sum(len(day) for day in rows.file.days.values()), 1)
    return Fetched(asked, "loaded", http_status, asked.day, asked.day, files, rows.sha256, share)


def _set_aside(file: ExportFile, rows: DayRows, kept: DayRows, day: date) -> dict[str, object]:
    return {
        "day": day.isoformat(),
        "report": file.report,
        "file_name": file.name,
        "sha256": file.sha256,
        "rows": rows.rows,
        "gross_amount": f"{rows.gross_amount:f}",
        "discount_amount": f"{rows.discount_amount:f}",
        "net_amount": f"{rows.net_amount:f}",
        "reason": "same_content" if rows.sha256 == kept.sha256 else "overlap",
        "kept_file_name": kept.file.name,
    }


def _superseded(
    account: NamedAccount,
    spoken: Sequence[date],
    aside: dict[date, list[dict[str, object]]],
    spool: Path,
    loader: ReportLoader,
) -> Iterator[Fetched]:
    """What was set aside of each day; nothing where a day that had a second file has one no more."""
    known = loader.days(account, SUPERSEDED.name)
    for day in spoken:
        if day in aside or day in known:
            listed = Records()
            for record in sorted(aside.get(day, []), key=lambda one: (str(one["report"]), str(one["file_name"]))):
                listed.add(record)
            yield csv_exports.fetched(Asked(account, SUPERSEDED, day), listed, day, day, spool)
