"""The people roster: CSV files of who belongs to which team and cost center, from when to when.

A reading replaces the one before. A file with a mistake is refused whole, so that nobody is charged to the wrong team
by half a roster; the roster that was loaded before stays in force.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any, Optional

from dlt.common.configuration import configspec, resolve_configuration
from dlt.common.configuration.specs import BaseConfiguration

from dlt_pipelines.errors import AgentSpendError, ConfigurationError, ExitCode, shown_address
from dlt_pipelines.identifiers import Namespace, Pseudonymizer
from dlt_pipelines.pipelines import Warehouse
from dlt_pipelines.roster.tables import DATASET, PEOPLE, PERSON_IDENTIFIERS
from dlt_pipelines.stored_files import files_matching, told_if_unreadable
from dlt_pipelines.windows import current_time

SOURCE = "roster"
REPORT = "people"
REQUIRED_COLUMNS = ("person_id", "team")
COLUMNS = {
    *("person_id", "emails", "github_logins", "team", "role_segment", "cost_center", "manager"),
    *("employment_type", "valid_from", "valid_to"),
}
IDENTIFIER_COLUMNS: dict[str, Namespace] = {"emails": "email", "github_logins": "github_login"}
OWN_PREFIX = "x_"
MOST_PROBLEMS_SHOWN = 10


@configspec
class RosterSettings(BaseConfiguration):
    """Where the CSV files lie: a local folder or an object store that fsspec knows."""

    bucket_url: Optional[str] = None  # noqa: UP045 (dlt resolves hints at run time)
    file_glob: str = "*.csv"


@dataclass
class Roster:
    """A roster as read: periods and identifiers without lineage, and what is wrong with it, one line each."""

    people: list[dict[str, Any]] = field(default_factory=list)
    identifiers: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    sha256: str = ""
    bytes: int = 0
    files: int = 0


class RosterRefused(AgentSpendError):
    """The roster has mistakes; the one loaded before stays in force."""

    exit_code = ExitCode.REJECTED_DATA


def load_settings() -> RosterSettings:
    """The resolved settings; without a bucket_url there is no roster."""
    return resolve_configuration(RosterSettings(), sections=("sources", SOURCE))


def extract(settings: RosterSettings, warehouse: Warehouse, pseudonymizer: Pseudonymizer, today: date) -> int:
    """Reads the roster, loads it when it changed, and returns the number of periods loaded; raises RosterRefused."""
    roster = read(settings, pseudonymizer)
    if roster.problems:
        shown = "; ".join(roster.problems[:MOST_PROBLEMS_SHOWN])
        more = len(roster.problems) - MOST_PROBLEMS_SHOWN
        raise RosterRefused(
            f"the roster has {len(roster.problems)} mistakes: {shown}" + (f"; and {more} more" if more > 0 else ""),
            "Mend the file and run again; the roster that was loaded before stays in force.",
        )
    days = warehouse.history(DATASET).get((SOURCE, REPORT), {})
    loaded = [day for day, entry in days.items() if entry.report_load_key]
    current = days[max(loaded)] if loaded else None
    unchanged = current is not None and current.sha256 == roster.sha256
    key = uuid.uuid4().hex
    if not unchanged:
        warehouse.load(DATASET, _batches(roster, key))
        warehouse.remember_identifiers(pseudonymizer, SOURCE)
    manifest = {
        "report_load_key": key,
        "source": SOURCE,
        "account_id": SOURCE,
        "scope": "file",
        "report": REPORT,
        "report_date": today,
        "window_start": today,
        "window_end": today,
        "status": "unchanged" if unchanged else "loaded",
        "files": roster.files,
        "rows": len(roster.people),
        "bytes": roster.bytes,
        "sha256": roster.sha256,
        "users": len({row["person_key"] for row in roster.people}),
        "downloaded_at": current_time(),
    }
    warehouse.commit(DATASET, [manifest])
    if current is not None and not unchanged:
        warehouse.prune_superseded(DATASET)
    return 0 if unchanged else len(roster.people)


def read(settings: RosterSettings, pseudonymizer: Pseudonymizer) -> Roster:
    """The roster of all files that match, with every mistake named by file, line and field."""
    roster = Roster()
    digest = hashlib.sha256()
    pattern = f"{str(settings.bucket_url).rstrip('/')}/{settings.file_glob}"
    shown = shown_address(pattern)
    with told_if_unreadable(f"the roster at {shown}", "Check bucket_url."):
        files = [(file.name.rpartition("/")[2], b"".join(file.pieces())) for file in files_matching(pattern)]
    if not files:
        raise ConfigurationError(
            f"no roster file matches {shown}", "Check bucket_url and file_glob under [sources.roster]."
        )
    for name, content in files:
        digest.update(content)
        roster.bytes += len(content)
        roster.files += 1
        _read_file(content, name, roster, pseudonymizer)
    roster.sha256 = digest.hexdigest()
    _check_overlaps(roster)
    return roster


def _read_file(content: bytes, name: str, roster: Roster, pseudonymizer: Pseudonymizer) -> None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        roster.problems.append(f"{name}, line {line}: not UTF-8; save the file as UTF-8")
        return
    reader = csv.DictReader(io.StringIO(text, newline=""))
    header = set(reader.fieldnames or ())
    for column in REQUIRED_COLUMNS:
        if column not in header:
            roster.problems.append(f"{name}, line 1: the column {column} is missing")
    for column in sorted(header - COLUMNS):
        if not column.startswith(OWN_PREFIX):
            roster.problems.append(f"{name}, line 1: unknown column {column} (columns of your own start with x_)")
    if roster.problems:
        return
    for row in reader:
        place = f"{name}, line {reader.line_num}"
        if None in row or None in row.values():
            roster.problems.append(f"{place}: the row does not have as many fields as the header")
            continue
        _read_row({column: value.strip() for column, value in row.items()}, place, name, roster, pseudonymizer)


def _read_row(row: dict[str, str], place: str, name: str, roster: Roster, pseudonymizer: Pseudonymizer) -> None:
    person_key = pseudonymizer.key("person", row["person_id"])
    if person_key is None:
        roster.problems.append(f"{place}, field person_id: it is blank")
        return
    valid_from, valid_to = (_day(row, column, place, roster) for column in ("valid_from", "valid_to"))
    if valid_from and valid_to and valid_to < valid_from:
        roster.problems.append(f"{place}, field valid_to: {valid_to} is before valid_from {valid_from}")
    own = {column: value for column, value in row.items() if column.startswith(OWN_PREFIX) and value}
    roster.people.append(
        {
            "file_name": name,
            "person_key": person_key,
            "team": row["team"] or None,
            "role_segment": row.get("role_segment") or None,
            "cost_center": row.get("cost_center") or None,
            "manager_key": pseudonymizer.key("person", row.get("manager")),
            "employment_type": row.get("employment_type") or None,
            "valid_from": valid_from,
            "valid_to": valid_to,
            "extra": json.dumps(own, sort_keys=True) if own else None,
        }
    )
    for column, namespace in IDENTIFIER_COLUMNS.items():
        for identifier in row.get(column, "").split(";"):
            key = pseudonymizer.key(namespace, identifier)
            if key is not None:
                roster.identifiers[(person_key, key)] = {
                    "file_name": name,
                    "person_key": person_key,
                    "namespace": namespace,
                    "identifier_key": key,
                }


def _day(row: dict[str, str], column: str, place: str, roster: Roster) -> date | None:
    text = row.get(column)
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        roster.problems.append(f"{place}, field {column}: '{text}' is not an ISO date such as 2026-10-01")
        return None


def _check_overlaps(roster: Roster) -> None:
    """Two periods of one person may not share a day: one day has one team."""
    periods: dict[str, list[tuple[date, date, str]]] = {}
    for row in roster.people:
        first, last = row["valid_from"] or date.min, row["valid_to"] or date.max
        periods.setdefault(row["person_key"], []).append((first, last, row["file_name"]))
    for found in periods.values():
        ordered = sorted(found)
        for (_, last, _), (first, _, name) in pairwise(ordered):
            if first <= last:
                roster.problems.append(f"{name}: two periods of one person overlap from {first}")


def _batches(roster: Roster, key: str) -> Iterator[tuple[str, Any]]:
    for table, rows in ((PEOPLE, roster.people), (PERSON_IDENTIFIERS, list(roster.identifiers.values()))):
        yield table.name, table.to_arrow([{**row, "report_load_key": key} for row in rows])
