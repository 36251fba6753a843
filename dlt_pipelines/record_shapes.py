"""How a kind of report is described: the structure of its records, the raw tables they fill, a report's files."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from dlt_pipelines.identifiers import Namespace
from dlt_pipelines.report_files import ReportFile
from dlt_pipelines.schema import Table

# A path into a record; "[]" steps into the items of an array.
FieldPath = tuple[str, ...]

LINEAGE = ("report_load_key", "account_id", "scope")


@dataclass(frozen=True)
class Output:
    """Rows of one raw table: of the record itself, of a nested object (`of`) or of an array's items (`each`)."""

    table: Table
    of: str = ""
    each: str = ""
    expressions: dict[str, str] = field(default_factory=dict)

    @property
    def prefix(self) -> FieldPath:
        """The path, in a record, of what gives a row."""
        return (*self.each.split("."), "[]") if self.each else tuple(self.of.split(".")) if self.of else ()


@dataclass(frozen=True)
class RecordShape:
    """What a kind of report holds and which tables it fills.

    `identifiers` maps a field to its namespace and key column; the field may lie in an object ("actor.user_id") or in
    the items of an array ("members[].email"). `exact` names the number whose decimal text matters: JSON readers make
    doubles of numbers. `natural_key` finds records that come twice; without one, records may be alike. `day` is the SQL
    of a record's day, which must lie in the report's window; None where records have none. `user` is what the manifest
    counts users by. `context` names what is known of a file's records beside them (the project of a list of keys):
    text columns of every record.
    """

    structure: dict[str, Any]
    outputs: tuple[Output, ...]
    natural_key: tuple[str, ...]
    required: tuple[str, ...] = ("day",)
    identifiers: dict[str, tuple[Namespace, str]] = field(default_factory=dict)
    exact: str | None = None
    ignored: tuple[str, ...] = ()
    day: str | None = '"day"'
    user: str | None = None
    context: tuple[str, ...] = ()

    @property
    def has_exact_number(self) -> bool:
        """Whether `exact` is a JSON number; vendors that write decimals as text need no help."""
        return self.exact is not None and self.structure[self.exact] != "VARCHAR"

    @property
    def tables(self) -> list[Table]:
        """The raw tables that records of this shape fill."""
        return list({output.table.name: output.table for output in self.outputs}.values())


@dataclass(frozen=True)
class ReportContent:
    """The files of one report, the days it may speak of, and the lineage of its rows."""

    report_load_key: str
    account_id: str
    scope: str
    window_start: date
    window_end: date
    files: tuple[ReportFile, ...]


@dataclass(frozen=True)
class ControlTotals:
    """What the manifest says of one report's content."""

    rows: int = 0
    users: int | None = None
    credits_sum: Decimal | None = None
    duplicate_rows: int = 0
    unknown_fields: dict[str, int] = field(default_factory=dict)

    @property
    def unknown_fields_json(self) -> str | None:
        """Counts per field path as JSON text; None when there are none."""
        return json.dumps(self.unknown_fields, sort_keys=True) if self.unknown_fields else None


@dataclass
class Parsed:
    """The outcome of parsing: totals by report_load_key, and why a report was rejected (nothing of it is kept)."""

    totals: dict[str, ControlTotals] = field(default_factory=dict)
    rejected: dict[str, str] = field(default_factory=dict)
