"""CSV exports that somebody dropped in a folder: found by a glob, read by the names in their headers, checked cell by
cell, and written out as records like those of an API. A file with a mistake is left out whole and kept aside."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import lzma
import re
import uuid
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Generic, TextIO, TypeVar

from dlt_pipelines.errors import ConfigurationError, RejectedFile, shown_address
from dlt_pipelines.fetched import Account, Asked, Fetched
from dlt_pipelines.record_shapes import RecordShape
from dlt_pipelines.report_files import ReportFile
from dlt_pipelines.stored_files import UNDATED, UNREADABLE, StoredFile, files_matching

S = TypeVar("S", bound=Sized)

Record = dict[str, Any]
Cell = Callable[[str], Any]

THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}\b)")
NOT_UTF_8 = "not UTF-8; save the file as UTF-8"
NOT_CSV = "not CSV (cut off or a quote too many)"
NOT_WHOLE = "it cannot be read to its end (cut off while it was copied, or damaged); copy it again"
# What a file raises that is not there as a whole: a compressed one above all.
DAMAGED = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)
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


def as_nothing(cell: str) -> None:
    """Nothing: a column without a name, such as a comma at the end of each line makes, may hold none."""
    if cell:
        raise ValueError


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
    as_nothing: "blank, as the column's header is",
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
    """An export file: its name (its path below the folder that is searched), what it holds, the digest by which it is
    known again, when it was last changed, and what is wrong with it where it could not be read to its end."""

    name: str
    content: bytes
    sha256: str
    modified: datetime = UNDATED
    damage: str = ""


@dataclass(frozen=True)
class StoredExport:
    """An export file that was copied to `path`, where it may be larger than memory."""

    name: str
    path: Path
    sha256: str
    bytes: int
    modified: datetime = UNDATED
    damage: str = ""


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
    exports: dict[str, Export] = {}
    for file in _files(pattern, setting):
        pieces: list[bytes] = []
        damage = _copy(file, pieces.append)
        content = b"".join(pieces)
        digest = hashlib.sha256(content).hexdigest()
        exports.setdefault(digest, Export(file.name, content, digest, _modified(file), damage))
    return list(exports.values())


def store_exports(pattern: str, setting: str, spool: Path) -> Iterator[StoredExport]:
    """Every file that a glob matches, in the order of their names, each copied to `spool` before it is yielded.

    Raises ConfigurationError naming `setting` where there is none.
    """
    for file in _files(pattern, setting):
        path = spool / f"export_{uuid.uuid4().hex}.csv"
        with path.open("wb") as copy:
            damage = _copy(file, copy.write)
        with path.open("rb") as copied:
            digest = hashlib.file_digest(copied, "sha256").hexdigest()
        yield StoredExport(file.name, path, digest, path.stat().st_size, _modified(file), damage)


def _files(pattern: str, setting: str) -> list[StoredFile]:
    shown, remedy = shown_address(pattern), f"Check {setting}."
    try:
        files = files_matching(pattern, unpack=True)
    except ImportError as error:
        raise ConfigurationError(f"the exports at {shown} cannot be read: {error}", remedy) from None
    except UNREADABLE as error:  # whose messages may quote the address
        problem = f"the exports at {shown} cannot be read ({type(error).__name__})"
        raise ConfigurationError(problem, remedy) from None
    if not files:
        raise ConfigurationError(f"no export matches {shown}", remedy)
    return files


def _copy(file: StoredFile, write: Callable[[bytes], Any]) -> str:
    """Copies a file as far as it can be read; returns what is wrong where that is not to its end."""
    pieces = file.pieces()
    while True:
        try:
            piece = next(pieces, b"")
        except DAMAGED:  # whose messages may quote an address
            return NOT_WHOLE
        if not piece:
            return ""
        write(piece)


def _modified(file: StoredFile) -> datetime:
    try:
        return file.modified
    except OSError:  # a file that is gone or refused is damaged, and told as that
        return UNDATED


def records_in(export: Export, columns: Sequence[CsvColumn]) -> Iterator[Record]:
    """The file's rows as records; columns that nobody knows keep their own name, so that drift shows.

    Raises RejectedFile naming file, line and field of the first mistake. No cell is quoted: it may name a person.
    """
    if export.damage:
        raise RejectedFile(f"{export.name}: {export.damage}")
    try:
        text = export.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _mistake(export.name, export.content.count(b"\n", 0, error.start) + 1, NOT_UTF_8) from None
    yield from _records(export.name, io.StringIO(text, newline=""), columns)


def stored_records(export: StoredExport, columns: Sequence[CsvColumn]) -> Iterator[Record]:
    """The same of a stored file, which is never in memory as a whole."""
    with _decoding(export) as lines:
        yield from _records(export.name, lines, columns)


def header_of(export: StoredExport) -> list[str]:
    """The names of a stored file's columns; raises RejectedFile where its first line cannot be read."""
    with _decoding(export) as lines:
        try:
            return [name.strip() for name in next(csv.reader(lines, strict=True), [])]
        except csv.Error:
            raise _mistake(export.name, 1, NOT_CSV) from None


def write_plainly(export: StoredExport) -> None:
    """Writes a stored file anew, each value in quotes and each line alike: as any reader of CSV takes it."""
    plain = export.path.with_suffix(".plain")
    with _decoding(export) as lines, plain.open("w", encoding="utf-8", newline="") as copy:
        writer = csv.writer(copy, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerows(row for row in csv.reader(lines, strict=True) if any(row))
    plain.replace(export.path)


@contextmanager
def _decoding(export: StoredExport) -> Iterator[TextIO]:
    if export.damage:
        raise RejectedFile(f"{export.name}: {export.damage}")
    try:
        with export.path.open(encoding="utf-8-sig", newline="") as lines:
            yield lines
    except UnicodeDecodeError:
        raise _mistake(export.name, _first_line_not_utf_8(export.path), NOT_UTF_8) from None


def _first_line_not_utf_8(path: Path) -> int:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                line.decode()
            except UnicodeDecodeError:
                return number
    return 1


def _records(name: str, lines: Iterable[str], columns: Sequence[CsvColumn]) -> Iterator[Record]:
    reader = csv.reader(lines, strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        read = columns_by_name(name, header, columns)
        for row in reader:
            if not any(row):
                continue
            if len(row) != len(header):
                raise _mistake(name, reader.line_num, f"{len(row)} fields, where the header has {len(header)}")
            yield _record(name, reader.line_num, header, read, row)
    except csv.Error:
        raise _mistake(name, reader.line_num, NOT_CSV) from None


def columns_by_name(file_name: str, header: list[str], columns: Sequence[CsvColumn]) -> list[CsvColumn]:
    """For each field of the header the column that reads it; raises RejectedFile where one is missing or twice.

    A column that nobody knows keeps its name, set apart where a field of ours is called so. One without a name must be
    blank in every row.
    """
    by_header = {name.casefold(): column for column in columns for name in column.headers}
    ours = {column.field.casefold() for column in columns}
    found = [by_header.get(name.casefold()) or _unknown_column(name, ours) for name in header]
    fields = [column.field for column in found]
    for number, name in enumerate(fields):
        if name and name.casefold() in (other.casefold() for other in fields[:number]):
            raise _mistake(file_name, 1, f"the column {header[number]} is there twice")
    for column in columns:
        if column.required and column.field not in fields:
            raise _mistake(file_name, 1, f"the column {' or '.join(column.headers)} is missing")
    return found


def _unknown_column(name: str, ours: set[str]) -> CsvColumn:
    if not name:
        return CsvColumn("", ("",), as_nothing)
    return CsvColumn(f"{name} (column)" if name.casefold() in ours else name, (name,))


def _record(file_name: str, line: int, header: list[str], read: list[CsvColumn], row: list[str]) -> Record:
    record: Record = {}
    for number, (name, column, cell) in enumerate(zip(header, read, row, strict=True), 1):
        try:
            value = column.read(cell.strip())
        except ValueError:
            what = f"field {name or number}: it is not {column.expects()}"
            raise _mistake(file_name, line, what) from None
        if value is None and column.filled:
            raise _mistake(file_name, line, f"field {name}: it is blank")
        if value is not None:
            record[column.field] = value
    return record


def _mistake(file_name: str, line: int, what: str) -> RejectedFile:
    return RejectedFile(f"{file_name}, line {line}: {what}")


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
    path = _path(Asked(account, kind, today), spool, "csv")
    path.write_bytes(export.content)
    stored = StoredExport(export.name, path, export.sha256, len(export.content))
    return stored_rejected(account, kind, stored, problem, today)


def stored_rejected(
    account: Account, kind: ExportKind, export: StoredExport, problem: RejectedFile, today: date
) -> Fetched:
    """The same of a stored file."""
    file = ReportFile(export.path, export.name, "newline_delimited")
    asked = Asked(account, kind, today)
    return Fetched(asked, "rejected", 0, today, today, [file], export.sha256, export.bytes, problem.problem)


def _path(asked: Asked[Any], spool: Path, suffix: str) -> Path:
    return spool / f"{asked.kind.name}_{asked.account.slug}_{asked.day or 'all'}_{uuid.uuid4().hex}.{suffix}"


def speaking_days(exports: Iterable[tuple[datetime, Mapping[date, S]]]) -> dict[date, S]:
    """Of several exports, each with the time of its last change, the one that speaks for each day: the newest.

    Exports overlap, and on their first and last day they may be cut off where their period began and ended: such a day
    speaks only where none is newer that is whole, and then by its rows.
    """
    told: dict[date, list[_Told[S]]] = {}
    for order, (modified, days) in enumerate(exports):
        edges = {min(days, default=None), max(days, default=None)}
        age = (modified, max(days, default=date.min), order)
        for day, records in days.items():
            told.setdefault(day, []).append(_Told(records, age, day in edges))
    return {day: _speaking(several).records for day, several in sorted(told.items())}


@dataclass(frozen=True)
class _Told(Generic[S]):
    """What an export says of a day; ages compare by modification, then by how far the export reaches, then by order."""

    records: S
    age: tuple[datetime, date, int]
    may_be_cut: bool


def _speaking(told: Sequence[_Told[S]]) -> _Told[S]:
    whole = max((one for one in told if not one.may_be_cut), key=lambda one: one.age, default=None)
    cut = [one for one in told if one.may_be_cut and (whole is None or one.age >= whole.age)]
    return max([*cut, *([whole] if whole else [])], key=lambda one: (len(one.records), one.age))
