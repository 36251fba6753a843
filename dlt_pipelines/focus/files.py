"""The files that a glob names, copied to this machine, and which of them belong to one delivery."""

from __future__ import annotations

import csv
import gzip
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import fsspec

from dlt_pipelines.errors import ConfigurationError, RejectedFile
from dlt_pipelines.focus.settings import SETTING

# Providers cut one delivery into part-00001.snappy.parquet, part_0_0001.csv, …: what precedes the number is its name.
PART = re.compile(r"part[-_]?\d.*$", re.IGNORECASE)
COPY_BYTES = 1 << 20


@dataclass(frozen=True)
class ExportFile:
    """A file: its name in a message, where its copy lies, the delivery that it is part of, when it was last changed."""

    name: str
    path: Path
    delivery: str
    modified: datetime
    sha256: str

    @property
    def is_parquet(self) -> bool:
        """Whether it is Parquet; everything else is CSV."""
        return self.name.lower().endswith(".parquet")


def copy_exports(pattern: str, folder: Path) -> list[ExportFile]:
    """Copies the files that match, each content once, in the order of their names.

    Raises ConfigurationError where there is none.
    """
    try:
        files = sorted(fsspec.open_files(pattern, mode="rb"), key=lambda file: str(file.path))
    except (ImportError, OSError, ValueError) as error:
        raise ConfigurationError(f"the exports at {pattern} cannot be read: {error}", f"Check {SETTING}.") from None
    if not files or not all(file.fs.exists(file.path) for file in files):
        raise ConfigurationError(f"no export matches {pattern}", f"Check {SETTING}.")
    copied: dict[str, ExportFile] = {}
    for number, opened in enumerate(files):
        parent, _, name = opened.path.rpartition("/")
        path = folder / f"focus_{number}{''.join(Path(name).suffixes[-2:])}"
        digest = _copy(opened, path)
        delivery = f"{parent}/{PART.sub('', name) if PART.search(name) else name}"
        copied.setdefault(digest, ExportFile(name, path, delivery, _modified(opened), digest))
    return list(copied.values())


def _copy(opened: Any, path: Path) -> str:
    digest = hashlib.sha256()
    with opened as source, path.open("wb") as target:
        while chunk := source.read(COPY_BYTES):
            digest.update(chunk)
            target.write(chunk)
    return digest.hexdigest()


def _modified(opened: Any) -> datetime:
    try:
        moment: datetime = opened.fs.modified(opened.path)
    except NotImplementedError:  # a place that does not tell: the names decide
        return datetime.min.replace(tzinfo=UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@contextmanager
def opened_csv(file: ExportFile) -> Iterator[TextIO]:
    """A CSV file's text, without its byte order mark."""
    opener = gzip.open if file.name.lower().endswith(".gz") else open
    with opener(file.path, "rt", encoding="utf-8-sig", newline="") as text:
        yield text


def header_of(file: ExportFile) -> list[str]:
    """The names in a CSV file's first line; raises RejectedFile where there are none."""
    try:
        with opened_csv(file) as text:
            return [name.strip() for name in next(csv.reader(text), [])]
    except (UnicodeDecodeError, csv.Error, OSError, EOFError):
        raise RejectedFile(f"{file.name}: not CSV in UTF-8") from None


def lines_of(file: ExportFile, fields: int, records: set[int]) -> dict[int, int]:
    """The line on which each of some records ends, for messages: a cell may go over several lines."""
    lines: dict[int, int] = {}
    with opened_csv(file) as text:
        reader = csv.reader(text)
        next(reader, None)
        whole = (row for row in reader if len(row) == fields)
        for number, _ in enumerate(whole, 1):
            if number in records:
                lines[number] = reader.line_num
    return lines
