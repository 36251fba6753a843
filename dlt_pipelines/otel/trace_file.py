"""A file of traces as it is handed from the finder of files to a reader, and what came of reading it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


class UnreadableContent(Exception):
    """A file cannot be read to its end for what it holds, of which nothing is said."""


@dataclass(frozen=True)
class TraceFile:
    """A local copy of whole lines of a file, unpacked, that is read under one report_load_key.

    `name` is the file's own, `first_line` the number in it of the copy's first line.
    """

    path: Path
    name: str
    report_load_key: str
    first_line: int = 1


@dataclass(frozen=True)
class BadLine:
    """A line, or a record of a line, that was not loaded: its number in the file and why, without content."""

    line_number: int
    reason: str


@dataclass
class FileRead:
    """What a reader found in a file; complete when the reader has yielded its last batch.

    The rows of the tables rejected_lines and file_readings are written from it by who commits. `kept_lines` is the file
    with the bytes of those lines, below the rejected folder; None when there are none. `problems` is an ordered set,
    `next_line` the number of the line that the reader comes to next.
    """

    file: TraceFile
    next_line: int = field(init=False)
    lines: int = 0
    bad_lines: int = 0
    spans: int = 0
    events: int = 0
    metric_points: int = 0
    ignored_events: int = 0
    ignored_points: int = 0
    signals: set[str] = field(default_factory=set)
    problems: dict[BadLine, None] = field(default_factory=dict)
    bad_line_numbers: set[int] = field(default_factory=set)
    kept_lines: Path | None = None

    def __post_init__(self) -> None:
        self.next_line = self.file.first_line
