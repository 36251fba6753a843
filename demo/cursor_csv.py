"""The dashboard's usage export: what a team without the Admin API has (columns of 2026)."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from pathlib import Path

from demo import cursor_constants as cc
from demo.company import Company
from demo.cursor_events import ABORTED, ERRORED, FREE, ON_DEMAND, OWN_KEY, Event
from demo.cursor_records import instant_text
from demo.cursor_use import cursor_use

HEADER = (
    *("Date", "User", "Cloud Agent ID", "Automation ID", "Kind", "Model", "Max Mode", "Input (w/ Cache Write)"),
    *("Input (w/o Cache Write)", "Cache Read", "Output Tokens", "Total Tokens", "Cost"),
)
COLUMN_TOKENS = ("cache_write", "input_uncached", "cache_read", "output")


def export_rows(company: Company, as_of: date, first: date, last: date) -> list[tuple[str, ...]]:
    """The rows of a range of UTC days, newest first."""
    start, end = cc.midnight(first), cc.midnight(last) + 86_400_000
    found = [event for event in cursor_use(company).events(as_of) if start <= event.instant < end]
    return [_row(event) for event in reversed(found)]


def write_export(company: Company, path: Path, as_of: date, first: date, last: date) -> Path:
    """Write the export of a range of days."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(HEADER) + "\n")
        csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(export_rows(company, as_of, first, last))
    return path


def _row(event: Event) -> tuple[str, ...]:
    counts = event.token_counts()
    tokens = [str(counts.get(kind, 0)) for kind in COLUMN_TOKENS] if counts else [""] * len(COLUMN_TOKENS)
    return (
        instant_text(datetime.fromtimestamp(event.instant / 1000, tz=UTC)),
        event.email or "N/A",
        event.cloud_agent_id or "",
        event.automation_id or "",
        _kind(event),
        "auto" if event.model == "default" else event.model,
        "Yes" if event.max_mode else "No",
        *tokens,
        str(sum(counts.values())) if counts else "",
        _cost(event),
    )


def _kind(event: Event) -> str:
    if event.kind in (*ERRORED, *ABORTED):
        return "Errored, No Charge"
    if event.kind in FREE:
        return "Free"
    if event.kind in OWN_KEY:
        return "User API Key"
    return "On-Demand" if event.kind in ON_DEMAND else "Included"


def _cost(event: Event) -> str:
    """Dollars; some included rows tell a price all the same, and it is not cash."""
    if event.kind in FREE:
        return "Free"
    if event.kind in (*ERRORED, *ABORTED):
        return "-"
    if event.charged_cents is None:
        return "NaN"
    if _kind(event) == "Included" and event.instant % 2:
        return "Included"
    return f"{event.charged_cents / 100:.2f}"
