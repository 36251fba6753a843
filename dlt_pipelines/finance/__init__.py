"""Invoices, contracts and rules that finance keeps in CSV files: loaded as written, each input whole or not at all.

A reading of an input replaces the one before: of its files, one that is gone has no rows any more. An input of which a
file is refused, or no file is found at all, stays as it was loaded before: to empty it takes a file with its header
alone. The seeds of the same names (seeds/own) count beside it.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterator
from datetime import date
from typing import Any, Optional

from dlt.common.configuration import configspec, resolve_configuration
from dlt.common.configuration.specs import BaseConfiguration

from dlt_pipelines.errors import ConfigurationError, RejectedFile, shown_address
from dlt_pipelines.finance.files import SETTING, Reading, Refused, read_folder
from dlt_pipelines.finance.tables import DATASET, INPUTS
from dlt_pipelines.outcome import Outcome
from dlt_pipelines.pipelines import Warehouse, keep_aside
from dlt_pipelines.sql import literal, quoted
from dlt_pipelines.windows import current_time

Rows = dict[str, list[dict[str, Any]]]

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
    former = _former(warehouse, current.report_load_key) if current and current.report_load_key else {}
    kept = {name: rows for name, rows in former.items() if name not in reading.inputs}
    rows = {name: reading.rows[name] for name in reading.inputs} | kept
    row_count = sum(len(found) for found in rows.values())
    digest = _digest(rows)
    unchanged = current is not None and current.sha256 == digest
    key = uuid.uuid4().hex
    if not unchanged and row_count:
        warehouse.load(DATASET, _batches(rows, key))
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
        "rows": row_count,
        "bytes": reading.bytes,
        "sha256": digest,
        "downloaded_at": current_time(),
    }
    warehouse.commit(DATASET, [manifest, *(_refusal(manifest, refused) for refused in reading.refused)])
    if current is not None and not unchanged:
        warehouse.prune_superseded(DATASET)
    outcome.rows += 0 if unchanged else row_count
    outcome.reports[str(manifest["status"])] += 1
    for refused in reading.refused:
        _keep_aside(refused, warehouse)
        outcome.reports["rejected"] += 1
        outcome.problems.append(refused.problem)
    told_of = reading.rows.keys() | {refused.input for refused in reading.refused}
    outcome.problems += [_gone(name, len(kept[name]), settings) for name in sorted(kept.keys() - told_of)]


def _former(warehouse: Warehouse, key: str) -> Rows:
    """The rows that are loaded, by input; an input without rows is not in it."""
    found: Rows = {}
    for each in INPUTS:
        names = [column.name for column in each.table.columns if column.name != "report_load_key"]
        listed = ", ".join(quoted(name) for name in names)
        query = f"select {listed} from {{{each.name}}} where report_load_key = {literal(key)}"
        if rows := warehouse.read(DATASET, query):
            found[each.name] = [dict(zip(names, row, strict=True)) for row in rows]
    return found


def _digest(rows: Rows) -> str:
    """The digest of every row of every input, in whatever order they came."""
    listed = sorted(json.dumps([name, row], sort_keys=True) for name, found in rows.items() for row in found)
    return hashlib.sha256("\n".join(listed).encode()).hexdigest()


def _gone(name: str, count: int, settings: FinanceSettings) -> RejectedFile:
    place = f"{settings.file_glob} in {shown_address(str(settings.bucket_url))}"
    return RejectedFile(
        f"no file of {name} matches {place}; the {count} rows that were loaded before stay",
        "Bring the files back, or leave one with only its header where there is nothing any more.",
    )


def _batches(rows: Rows, key: str) -> Iterator[tuple[str, Any]]:
    for each in INPUTS:
        if found := rows.get(each.name):
            yield each.name, each.table.to_arrow([{**row, "report_load_key": key} for row in found])


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
