"""A report that was asked for and what came back: the words that all vendors' extractions share."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Generic, Protocol, TypeVar

from dlt_pipelines.record_shapes import Parsed, RecordShape, ReportContent
from dlt_pipelines.report_files import ReportFile
from dlt_pipelines.windows import current_time


class Account(Protocol):
    """What a vendor's reports are asked for: an organisation, enterprise, team or workspace."""

    @property
    def scope(self) -> str:
        """What kind of account it is."""

    @property
    def slug(self) -> str:
        """Its name in file names."""

    @property
    def account_id(self) -> str:
        """'<scope>/<name>'."""


class Kind(Protocol):
    """A kind of report: its name in the manifest and the shape of its records."""

    @property
    def name(self) -> str:
        """The manifest's word for the report."""

    @property
    def shape(self) -> RecordShape:
        """The structure of its records and the raw tables that they fill."""

    @property
    def may_be_empty(self) -> bool:
        """Whether no record is an answer (nothing was used) rather than a report that is not there yet."""


A = TypeVar("A", bound=Account)


@dataclass(frozen=True)
class Asked(Generic[A]):
    """A report to ask for: of one day, or the latest one (day is None)."""

    account: A
    kind: Kind
    day: date | None

    def __str__(self) -> str:
        return f"{self.kind.name} {self.day or 'latest'} of {self.account.account_id}"


@dataclass
class Fetched:
    """What came back: the files of the report, or why there is none. `status` is the manifest's."""

    asked: Asked[Any]
    status: str
    http_status: int
    window_start: date
    window_end: date
    files: list[ReportFile] = field(default_factory=list)
    sha256: str | None = None
    bytes: int | None = None
    detail: str | None = None
    envelope_fields: Mapping[str, int] = field(default_factory=dict)
    report_load_key: str = field(default_factory=lambda: uuid.uuid4().hex)
    downloaded_at: datetime = field(default_factory=current_time)
    dated: date | None = None

    @property
    def report_date(self) -> date:
        """The day under which the manifest keeps it: the last one that it covers, unless it is `dated` otherwise."""
        return self.dated or self.window_end

    @property
    def content(self) -> ReportContent:
        """The report as the parser takes it."""
        account = self.asked.account
        return ReportContent(
            self.report_load_key,
            account.account_id,
            account.scope,
            self.window_start,
            self.window_end,
            tuple(self.files),
        )

    def manifest_row(self, source: str, parsed: Parsed | None = None) -> dict[str, Any]:
        """The report's row of `report_loads`, without `loaded_at`."""
        totals = parsed.totals.get(self.report_load_key) if parsed and self.status == "loaded" else None
        return {
            "report_load_key": self.report_load_key,
            "source": source,
            "account_id": self.asked.account.account_id,
            "scope": self.asked.account.scope,
            "report": self.asked.kind.name,
            "report_date": self.report_date,
            "window_start": self.window_start,
            "window_end": self.window_end,
            "status": self.status,
            "http_status": self.http_status or None,
            "files": len(self.files) or None,
            "rows": totals.rows if totals else None,
            "bytes": self.bytes,
            "sha256": self.sha256,
            "credits_sum": totals.credits_sum if totals else None,
            "users": totals.users if totals else None,
            "duplicate_rows": totals.duplicate_rows if totals else None,
            "unknown_fields": totals.unknown_fields_json if totals else None,
            "detail": self.detail,
            "downloaded_at": self.downloaded_at,
        }
