"""The files that a glob names, copied to this machine, and which of them belong to one delivery."""

from __future__ import annotations

import csv
import gzip
import os
import re
import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from dlt_pipelines.errors import ConfigurationError, RejectedFile, shown_address
from dlt_pipelines.focus.settings import SETTING
from dlt_pipelines.stored_files import PIECE_BYTES, files_matching, told_if_unreadable

# Providers cut one delivery into costs_part-1.csv, part_0_0001.csv, part-00001-<run>-c000.parquet, …: the name without
# the numbers of part, task and cut is the delivery's. What else is in it, such as the run's id, tells deliveries apart.
PART_NUMBER = re.compile(r"(?<![a-z])part[-_]?\d+(?:_0\d{3}(?!\d))?", re.IGNORECASE)
CUT_NUMBER = re.compile(r"(?:-\d+-\d+)?-c\d+(?=\.)")


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
    """Copies the files that match, each content once within its delivery, in the order of their names.

    Raises ConfigurationError where there is none.
    """
    shown, remedy = shown_address(pattern), f"Check {SETTING}."
    with told_if_unreadable(f"the exports at {shown}", remedy):
        files = files_matching(pattern)
    if not files:
        raise ConfigurationError(f"no export matches {shown}", remedy)
    copied: dict[tuple[str, str], ExportFile] = {}
    for number, file in enumerate(files):
        name = file.name.rpartition("/")[2]
        path = folder / f"focus_{number}{''.join(Path(name).suffixes[-2:])}"
        delivery = delivery_of(file.path)
        with told_if_unreadable(f"the exports at {shown} ({name})", remedy):
            digest, modified = file.copy_to(path), file.modified
        twin = copied.get((delivery, digest))
        if twin is None:
            copied[delivery, digest] = ExportFile(name, path, delivery, modified, digest)
        else:
            copied[delivery, digest] = replace(twin, modified=max(twin.modified, modified))
            path.unlink()
    return list(copied.values())


def delivery_of(path: str) -> str:
    """The delivery that a file is part of: its path, without the numbers of a part."""
    parent, _, name = path.rpartition("/")
    if PART_NUMBER.search(name):
        name = CUT_NUMBER.sub("-c#", PART_NUMBER.sub("part#", name))
    return f"{parent}/{name}"


@contextmanager
def decompressed(file: ExportFile, folder: Path) -> Iterator[ExportFile]:
    """The file without its compression, which is tried to its end; raises RejectedFile where it breaks off."""
    if not file.name.lower().endswith(".gz"):
        yield file
        return
    path = folder / f"{file.path.name}.plain.csv"
    try:
        try:
            with gzip.open(file.path, "rb") as source, path.open("wb") as target:
                shutil.copyfileobj(source, target, PIECE_BYTES)
        except (EOFError, gzip.BadGzipFile, zlib.error):
            raise RejectedFile(f"{file.name}: cut off or not gzip") from None
        yield replace(file, path=path)
    finally:
        path.unlink(missing_ok=True)


def header_of(file: ExportFile) -> list[str]:
    """The names in a CSV file's first line; raises RejectedFile where there are none."""
    try:
        with file.path.open(encoding="utf-8-sig", newline="") as text:
            return [name.strip() for name in next(csv.reader(text), [])]
    except (UnicodeDecodeError, csv.Error):
        raise RejectedFile(f"{file.name}: not CSV in UTF-8") from None


def unended_line(file: ExportFile) -> str | None:
    """A CSV file's last line where no line end follows it: there a file that was cut off breaks off."""
    with file.path.open("rb") as content:
        content.seek(max(content.seek(0, os.SEEK_END) - PIECE_BYTES, 0))
        last = content.read()
    if last.endswith((b"\n", b"\r")):
        return None
    return last.rsplit(b"\n", 1)[-1].decode("utf-8", errors="replace")


def lines_of(file: ExportFile, fields: int, records: set[int]) -> dict[int, int]:
    """The line on which each of some records ends, for messages: a cell may go over several lines."""
    lines: dict[int, int] = {}
    with file.path.open(encoding="utf-8-sig", newline="") as text:
        reader = csv.reader(text)
        next(reader, None)
        whole = (row for row in reader if len(row) == fields)
        for number, _ in enumerate(whole, 1):
            if number in records:
                lines[number] = reader.line_num
    return lines
