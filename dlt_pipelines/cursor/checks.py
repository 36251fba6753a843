"""What `agent-spend doctor` tries of Cursor: one small question for each report, and the exports."""

from __future__ import annotations

from collections.abc import Iterator

from dlt_pipelines import csv_exports
from dlt_pipelines.checks import Check, failed, first_pages
from dlt_pipelines.cursor.exports import COLUMNS, SETTING
from dlt_pipelines.cursor.extraction import make_targets
from dlt_pipelines.cursor.settings import CursorSettings
from dlt_pipelines.errors import AgentSpendError
from dlt_pipelines.windows import ONE_DAY, as_of

# A day that is closed and that Cursor, which counts hourly, has had the time to count.
SETTLED_DAYS = 2


def checks(settings: CursorSettings) -> Iterator[Check]:
    """Tries every report that the settings ask for, and reads the exports."""
    yield from first_pages(make_targets(settings), as_of() - SETTLED_DAYS * ONE_DAY)
    if settings.export_glob:
        yield _exports(settings.export_glob)


def _exports(pattern: str) -> Check:
    try:
        exports = csv_exports.find_exports(pattern, SETTING)
        rows = sum(1 for export in exports for _ in csv_exports.records_in(export, COLUMNS))
    except AgentSpendError as error:
        return failed("cursor exports", error)
    return Check("cursor exports", True, f"{len(exports)} files with {rows} events")
