"""Files of finance in a folder: which input each one is, and its rows, cell by cell, as text.

A file that cannot be read as what its name says is refused whole, with its first mistake; what a cell means is not
looked at here.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from dlt_pipelines.errors import ConfigurationError, RejectedFile, shown_address
from dlt_pipelines.finance.tables import INPUTS, Input
from dlt_pipelines.identifiers import NAMES_A_PERSON_INSIDE, WITHHELD, may_name_a_person
from dlt_pipelines.stored_files import files_below, told_if_unreadable

DELIMITERS = (",", ";")
SETTING = "SOURCES__FINANCE__BUCKET_URL"
# The name of an input, and then no letter: invoices-2026-09.csv, invoices_q3.csv, invoices2026.csv.
NAMES = {each: re.compile(rf"{each.name}(?![a-z])") for each in sorted(INPUTS, key=lambda each: -len(each.name))}
MEND = "Mend the file and run again; until then its input stays as it was loaded before."
NOT_CSV = ": not CSV (cut off or a quote too many)"


@dataclass(frozen=True)
class File:
    """A file as it lies in the folder: its path below it, and what it holds."""

    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        """The digest by which the same content is known again."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Refused:
    """A file that is left out, why, and the input that it is of, where its name tells one."""

    file: File
    problem: RejectedFile
    input: str | None = None


@dataclass
class Reading:
    """Everything in the folder: rows by input, files that are left out, and what is worth knowing."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    read: list[File] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def inputs(self) -> set[str]:
        """The inputs that this tells of: of each there is a file, be it a header alone, and none was refused."""
        return self.rows.keys() - {refused.input for refused in self.refused}

    @property
    def bytes(self) -> int:
        """The size of all files that count."""
        return sum(len(file.content) for file in self.read)

    def __len__(self) -> int:
        return sum(len(rows) for rows in self.rows.values())


def read_folder(bucket_url: str, file_glob: str) -> Reading:
    """Reads every file that matches; raises ConfigurationError where there is no such folder."""
    reading = Reading()
    known: dict[tuple[str, str], str] = {}
    for file in _files(bucket_url, file_glob):
        found = None
        try:
            found = input_of(file)
            twin = known.setdefault((found.name, file.sha256), file.name)
            if twin != file.name:
                reading.notes.append(f"{file.name} holds the same as {twin} and counts once")
                continue
            rows, notes = rows_of(file, found)
        except RejectedFile as problem:
            reading.refused.append(Refused(file, problem, found.name if found else None))
            continue
        reading.rows.setdefault(found.name, []).extend(rows)
        reading.read.append(file)
        reading.notes += notes
    if not reading.read and not reading.refused:
        reading.notes.append(f"no file of finance matches {file_glob} in {shown_address(bucket_url)}")
    return reading


def _files(bucket_url: str, file_glob: str) -> list[File]:
    shown, remedy = shown_address(bucket_url), f"Check {SETTING}."
    with told_if_unreadable(f"the files at {shown}", remedy):
        found = files_below(bucket_url, file_glob)
        files = [File(each.name, b"".join(each.pieces())) for each in found or ()]
    if found is None:
        raise ConfigurationError(f"there is no folder {shown}", remedy)
    return files


def input_of(file: File) -> Input:
    """The input that the file's name begins with; raises RejectedFile."""
    name = file.name.rsplit("/", 1)[-1].casefold()
    for each, pattern in NAMES.items():
        if pattern.match(name):
            return each
    listed = ", ".join(each.name for each in INPUTS)
    raise RejectedFile(
        f"{file.name}, line 1: no input has this name",
        f"Begin the file's name with one of {listed}, such as invoices-2026-09.csv, or move it out of the folder.",
    )


def rows_of(file: File, of: Input) -> tuple[list[dict[str, Any]], list[str]]:
    """The file's rows, and what is worth knowing of its columns; raises RejectedFile with the first mistake."""
    text = _decoded(file)
    lines = io.StringIO(text, newline="")
    rows: list[dict[str, Any]] = []
    nameless: set[int] = set()
    reader = csv.reader(lines, delimiter=_delimiter(file, text), strict=True)
    try:
        header = [_column(name) for name in next(reader, [])]
        _check_header(file, of, header)
        for line, cells in _numbered(reader):
            if len(cells) != len(header):
                raise _mistake(file, line, f": {len(cells)} fields, where the header has {len(header)}")
            rows.append(_row(file, line, of, header, cells))
            nameless.update(place for place, name in enumerate(header) if not name and cells[place].strip())
    except csv.Error:
        raise _mistake(file, reader.line_num, NOT_CSV) from None
    own = {column.name for column in of.columns}
    unknown = [name for name in header if name and name not in own and not name.startswith("x_")]
    notes = [f"{file.name}: column {place + 1} has no name; what it holds is left out" for place in sorted(nameless)]
    if unknown:
        notes.append(f"{file.name}: {of.name} has no column {', '.join(unknown)}; it is kept in extra")
    return rows, notes


def _decoded(file: File) -> str:
    try:
        text = file.content.decode("utf-8-sig")
        if "\0" not in text:
            return text
        line = text.count("\n", 0, text.index("\0")) + 1
    except UnicodeDecodeError as error:
        line = file.content.count(b"\n", 0, error.start) + 1
    raise _mistake(file, line, ": not UTF-8; save the file as UTF-8")


def _delimiter(file: File, text: str) -> str:
    """Comma or semicolon: whichever makes more fields of the header."""
    header = text.splitlines()[0] if text else ""
    try:
        return max(DELIMITERS, key=lambda delimiter: len(next(csv.reader([header], delimiter=delimiter), [])))
    except csv.Error:
        raise _mistake(file, 1, NOT_CSV) from None


def _column(name: str) -> str:
    return name.strip().casefold().replace(" ", "_")


def _check_header(file: File, of: Input, header: list[str]) -> None:
    for number, name in enumerate(header):
        if name and name in header[:number]:
            raise _mistake(file, 1, f", field {name}: the column is there twice")
    for name in of.required:
        if name not in header:
            raise _mistake(file, 1, f", field {name}: the column is missing")


def _numbered(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line on which each begins; blank ones are left out."""
    before = reader.line_num
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield before + 1, cells
        before = reader.line_num


def _row(file: File, line: int, of: Input, header: list[str], cells: list[str]) -> dict[str, Any]:
    filled = {name: cell.strip() for name, cell in zip(header, cells, strict=True) if name and cell.strip()}
    row: dict[str, Any] = {column.name: filled.pop(column.name, None) for column in of.columns}
    kept = {name: WITHHELD if _may_name_a_person(name, text) else text for name, text in filled.items()}
    extra = json.dumps(kept, sort_keys=True, ensure_ascii=False) if kept else None
    return {**row, "extra": extra, "source_file": file.name, "line_number": line}


def _may_name_a_person(name: str, text: str) -> bool:
    return may_name_a_person(name) or re.search(NAMES_A_PERSON_INSIDE, text, re.IGNORECASE) is not None


def _mistake(file: File, line: int, what: str) -> RejectedFile:
    return RejectedFile(f"{file.name}, line {line}{what}", MEND)
