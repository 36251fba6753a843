"""CSV exports that somebody dropped in a folder: found by a glob, read by the names in their headers, checked cell by
cell, and written out as records like those of an API. A file with a mistake is left out whole and kept aside."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import fsspec

from dlt_pipelines.errors import ConfigurationError, RejectedFile
from dlt_pipelines.fetched import Account, Asked, Fetched
from dlt_pipelines.record_shapes import RecordShape
from dlt_pipelines.report_files import ReportFile

Record = dict[str, Any]
Cell = Callable[[str], Any]

THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}\b)")
FLAGS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


def as_text(cell: str) -> str | None:
    """The cell's text; None where it is blank."""
    return cell or None


def as_count(cell: str) -> int | None:
    """A whole number, with or without thousands separators."""
    return int(THOUSANDS.sub("", cell)) if cell else None


def as_number(cell: str) -> str | None:
    """A decimal number as its own text (no double on the way), without a dollar sign and thousands separators."""
    if not cell:
        return None
    text = THOUSANDS.sub("", cell.replace("$", "", 1))
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError from None
    if not value.is_finite():
        raise ValueError
    return text


def as_flag(cell: str) -> bool | None:
    """Yes or no."""
    if not cell:
        return None
    try:
        return FLAGS[cell.lower()]
    except KeyError:
        raise ValueError from None


def as_day(cell: str) -> str | None:
    """An ISO date."""
    return date.fromisoformat(cell).isoformat() if cell else None


def as_instant(cell: str) -> str | None:
    """An ISO moment, in UTC where it names no offset."""
    if not cell:
        return None
    moment = datetime.fromisoformat(cell)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat(timespec="milliseconds")


MEANT: dict[Cell, str] = {
    as_text: "text",
    as_count: "a whole number",
    as_number: "a number",
    as_flag: "yes or no",
    as_day: "an ISO date such as 2026-10-01",
    as_instant: "an ISO time such as 2026-10-01T12:00:00.000Z",
}


@dataclass(frozen=True)
class CsvColumn:
    """A column: its field in a record, the headers it goes by, how a cell is read (a ValueError refuses it)."""

    field: str
    headers: tuple[str, ...]
    read: Cell = as_text
    required: bool = False
    filled: bool = False
    meant: str = ""

    def expects(self) -> str:
        """What a cell should hold, in words."""
        return self.meant or MEANT.get(self.read, "another kind of value")


@dataclass(frozen=True)
class Export:
    """An export file: its name, what it holds, and the digest by which it is known again."""

    name: str
    content: bytes
    sha256: str


@dataclass(frozen=True)
class ExportKind:
    """A report that comes in files: its name in the manifest and the shape of the records made of its rows."""

    name: str
    shape: RecordShape
    may_be_empty: bool = False


@dataclass
class Records:
    """The records of a report as lines of JSON, in the order of the files, and the digest of their text."""

    lines: list[bytes] = field(default_factory=list)

    def add(self, record: Mapping[str, Any]) -> None:
        """Adds one record."""
        self.lines.append(json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")

    def __len__(self) -> int:
        return len(self.lines)


def find_exports(pattern: str, setting: str) -> list[Export]:
    """The files that a glob matches (a local path, or an address that fsspec knows), each content once.

    Raises ConfigurationError naming `setting` where there is none.
    """
    try:
        files = sorted(fsspec.open_files(pattern, mode="rb"), key=lambda file: str(file.path))
    except (ImportError, OSError, ValueError) as error:
        raise ConfigurationError(f"the exports at {pattern} cannot be read: {error}", f"Check {setting}.") from None
    if not files or not all(file.fs.exists(file.path) for file in files):
        raise ConfigurationError(f"no export matches {pattern}", f"Check {setting}.")
    exports: dict[str, Export] = {}
    for opened in files:
        with opened as file:
            content: bytes = file.read()
        digest = hashlib.sha256(content).hexdigest()
        exports.setdefault(digest, Export(opened.path.rsplit("/", 1)[-1], content, digest))
    return list(exports.values())


def records_in(export: Export, columns: Sequence[CsvColumn]) -> Iterator[Record]:
    """The file's rows as records; columns that nobody knows keep their own name, so that drift shows.

    Raises RejectedFile naming file, line and field of the first mistake. No cell is quoted: it may name a person.
    """
    reader = csv.reader(io.StringIO(_decoded(export), newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        read = _readers(export, header, columns)
        for row in reader:
            if not any(row):
                continue
            if len(row) != len(header):
                raise _mistake(export, reader.line_num, f"{len(row)} fields, where the header has {len(header)}")
            yield _record(export, reader.line_num, header, read, row)
    except csv.Error:
        raise _mistake(export, reader.line_num, "not CSV (cut off or a quote too many)") from None


def _decoded(export: Export) -> str:
    try:
        return export.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = export.content.count(b"\n", 0, error.start) + 1
        raise _mistake(export, line, "not UTF-8; save the file as UTF-8") from None


def _readers(export: Export, header: list[str], columns: Sequence[CsvColumn]) -> list[CsvColumn]:
    """For each field of the header the column that reads it."""
    by_header = {name.casefold(): column for column in columns for name in column.headers}
    found = [by_header.get(name.casefold()) or CsvColumn(name, (name,)) for name in header]
    fields = [column.field for column in found]
    for number, name in enumerate(fields):
        if name in fields[:number]:
            raise _mistake(export, 1, f"the column {header[number]} is there twice")
    for column in columns:
        if column.required and column.field not in fields:
            raise _mistake(export, 1, f"the column {' or '.join(column.headers)} is missing")
    return found


def _record(export: Export, line: int, header: list[str], read: list[CsvColumn], row: list[str]) -> Record:
    record: Record = {}
    for name, column, cell in zip(header, read, row, strict=True):
        try:
            value = column.read(cell.strip())
        except ValueError:
            raise _mistake(export, line, f"field {name}: it is not {column.expects()}") from None
        if value is None and column.filled:
            raise _mistake(export, line, f"field {name}: it is blank")
        if value is not None:
            record[column.field] = value
    return record


def _mistake(export: Export, line: int, what: str) -> RejectedFile:
    return RejectedFile(f"{export.name}, line {line}: {what}")


def fetched(asked: Asked[Any], records: Records, start: date, end: date, spool: Path) -> Fetched:
    """Records of a report, as the loader takes them; the same records as before are not loaded again."""
    content = b"".join(records.lines)
    path = _path(asked, spool, "ndjson")
    path.write_bytes(content)
    file = ReportFile(path, str(asked), "newline_delimited")
    digest = hashlib.sha256(content).hexdigest()
    return Fetched(asked, "loaded", 0, start, end, [file] if records.lines else [], digest, len(content))


def rejected(
    account: Account, kind: ExportKind, export: Export, problem: RejectedFile, today: date, spool: Path
) -> Fetched:
    """A file with a mistake, as the loader takes it: told, kept aside, and nothing of it loaded."""
    asked = Asked(account, kind, today)
    path = _path(asked, spool, "csv")
    path.write_bytes(export.content)
    file = ReportFile(path, export.name, "newline_delimited")
    size = len(export.content)
    return Fetched(asked, "rejected", 0, today, today, [file], export.sha256, size, problem.problem)


def _path(asked: Asked[Any], spool: Path, suffix: str) -> Path:
    return spool / f"{asked.kind.name}_{asked.account.slug}_{asked.day or 'all'}_{uuid.uuid4().hex}.{suffix}"


def fullest_days(exports: Iterable[dict[date, Records]]) -> dict[date, Records]:
    """Of several exports the one that speaks for each day: the one with most rows of it, then the one that reaches
    furthest. Exports overlap, and their first and last days are cut off where their period began and ended."""
    best: dict[date, tuple[int, date, Records]] = {}
    for days in exports:
        furthest = max(days, default=date.min)
        for day, records in days.items():
            rank = (len(records), furthest)
            if day not in best or rank >= best[day][:2]:
                best[day] = (*rank, records)
    return {day: records for day, (_, _, records) in sorted(best.items())}
