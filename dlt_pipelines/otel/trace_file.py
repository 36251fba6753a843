"""A file of traces as it is handed from the finder of files to a reader, and what came of reading it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

TraceFormat = Literal["otlp_json", "copilot_cli", "clickhouse_table"]
Packing = Literal["none", "gzip", "zstd"]


@dataclass(frozen=True)
class TraceFile:
    """A local file, or a part of one, that is read under one report_load_key.

    `offset` and `length` count bytes of the unpacked content; `offset` is the start of a line, `first_line` its number.
    `length` None is to the end. `is_complete`: nobody writes to it any more. Of a file that grows, a last line that is
    not whole is left for the next reading (`FileRead.bytes_to` stays before it); of a complete one it is a bad line.
    """

    path: Path
    name: str
    report_load_key: str
    format: TraceFormat = "otlp_json"
    packing: Packing = "none"
    offset: int = 0
    length: int | None = None
    first_line: int = 1
    is_complete: bool = True


@dataclass(frozen=True)
class BadLine:
    """A line, or a record of a line, that was not loaded: its number in the file and why, without content."""

    line_number: int
    reason: str


@dataclass
class FileRead:
    """What a reader found in a file; complete when the reader has yielded its last batch.

    The rows of the tables rejected_lines and file_readings are written from it by who commits. `kept_lines` is the file
    with the bytes of those lines, below the rejected folder; None when there are none. `problems` is an ordered set.
    """

    file: TraceFile
    bytes_to: int = 0
    next_line: int = 1
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
