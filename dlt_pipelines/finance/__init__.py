"""Invoices, contracts and rules that finance keeps in CSV files: loaded as written, whole or not at all.

A reading replaces the one before: a file that is gone has no rows any more. The seeds of the same names (seeds/own)
count beside it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date
from typing import Any, Optional

from dlt.common.configuration import configspec, resolve_configuration
from dlt.common.configuration.specs import BaseConfiguration

from dlt_pipelines.errors import ConfigurationError
from dlt_pipelines.finance.files import SETTING, Reading, Refused, read_folder
from dlt_pipelines.finance.tables import DATASET, INPUTS
from dlt_pipelines.outcome import Outcome
from dlt_pipelines.pipelines import Warehouse, keep_aside
from dlt_pipelines.windows import current_time

SOURCE = "finance"
REPORT = "inputs"

__all__ = ["DATASET", "SOURCE", "FinanceSettings", "extract", "load_settings", "read"]


@configspec
class FinanceSettings(BaseConfiguration):
    """Where the CSV files lie: a local folder or an object store that fsspec knows."""

    bucket_url: Optional[str] = None  # noqa: UP045 (dlt resolves hints at run time)
    file_glob: str = "*.csv"


def load_settings() -> FinanceSettings:
    """The resolved settings; without a bucket_url the seeds alone count."""
    return resolve_configuration(FinanceSettings(), sections=("sources", SOURCE))


def read(settings: FinanceSettings) -> Reading:
    """Everything in the folder; raises ConfigurationError where there is none."""
    if not settings.bucket_url:
        raise ConfigurationError("no folder of finance is configured", f"Set {SETTING} to a folder of CSV files.")
    return read_folder(settings.bucket_url, settings.file_glob)


def extract(settings: FinanceSettings, warehouse: Warehouse, outcome: Outcome, today: date) -> None:
    """Reads the folder and loads it when it changed; files with a mistake are told and kept aside."""
    reading = read(settings)
    outcome.warnings.extend(reading.notes)
    days = warehouse.history(DATASET).get((SOURCE, REPORT), {})
    loaded = {day: entry for day, entry in days.items() if entry.report_load_key}
    current = loaded[max(loaded)] if loaded else None
    unchanged = current is not None and current.sha256 == reading.sha256
    key = uuid.uuid4().hex
    if not unchanged and len(reading):
        warehouse.load(DATASET, _batches(reading, key))
    # Never before the day of the reading that it replaces: a replay must not bring that one back.
    day = max([today, *loaded])
    manifest = {
        "report_load_key": key,
        "source": SOURCE,
        "account_id": SOURCE,
        "scope": "file",
        "report": REPORT,
        "report_date": day,
        "window_start": day,
        "window_end": day,
        "status": "unchanged" if unchanged else "loaded",
        "files": len(reading.read),
        "rows": len(reading),
        "bytes": reading.bytes,
        "sha256": reading.sha256,
        "downloaded_at": current_time(),
    }
    warehouse.commit(DATASET, [manifest, *(_refusal(manifest, refused) for refused in reading.refused)])
    if current is not None and not unchanged:
        warehouse.prune_superseded(DATASET)
    outcome.rows += 0 if unchanged else len(reading)
    outcome.reports[str(manifest["status"])] += 1
    for refused in reading.refused:
        _keep_aside(refused, warehouse)
        outcome.reports["rejected"] += 1
        outcome.problems.append(refused.problem)


def _batches(reading: Reading, key: str) -> Iterator[tuple[str, Any]]:
    for each in INPUTS:
        if rows := reading.rows.get(each.name):
            yield each.name, each.table.to_arrow([{**row, "report_load_key": key} for row in rows])


def _refusal(manifest: dict[str, Any], refused: Refused) -> dict[str, Any]:
    """The manifest's row of a file that was left out."""
    return {
        **manifest,
        "report_load_key": uuid.uuid4().hex,
        "status": "rejected",
        "files": 1,
        "rows": None,
        "bytes": len(refused.file.content),
        "sha256": refused.file.sha256,
        "detail": refused.problem.problem,
    }


def _keep_aside(refused: Refused, warehouse: Warehouse) -> None:
    """Keeps a copy of the file, named by its content: the same one, met again on every run, is kept once."""
    arrived = warehouse.spool / uuid.uuid4().hex
    arrived.write_bytes(refused.file.content)
    kept = keep_aside(arrived, warehouse.rejected / f"finance_{refused.file.sha256[:12]}.csv")
    refused.problem.remedy += f" A copy is kept aside in {kept.parent}."
