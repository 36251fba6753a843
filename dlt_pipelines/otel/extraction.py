"""One extraction of agent traces: what is new in the files is loaded and committed, and replaces nothing.

A reading is a part of a file, of 64 MiB at most. Rows are loaded first, the manifest rows that name them after: a run
that is killed in between leaves rows that nobody counts, and the next one reads those parts again.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from typing import Any

import duckdb
import pyarrow as pa

from dlt_pipelines.errors import AgentSpendError, RejectedFile
from dlt_pipelines.http import Clock
from dlt_pipelines.identifiers import Pseudonymizer
from dlt_pipelines.otel import clickhouse, copilot_cli, otlp
from dlt_pipelines.otel.files import (
    NOT_WHOLE,
    RANGE_BYTES,
    READ_BEFORE,
    Content,
    NewContent,
    Range,
    Reading,
    Readings,
    look_into,
    trace_files,
)
from dlt_pipelines.otel.lines import KeptLines, note
from dlt_pipelines.otel.settings import OtelSettings
from dlt_pipelines.otel.tables import DATASET, FILE_READINGS, REJECTED_LINES
from dlt_pipelines.otel.trace_file import FileRead, TraceFile, UnreadableContent
from dlt_pipelines.outcome import Outcome
from dlt_pipelines.pipelines import Warehouse, keep_aside
from dlt_pipelines.prefetch import prefetch
from dlt_pipelines.progress import Progress
from dlt_pipelines.reports import connect
from dlt_pipelines.stored_files import UNDATED, StoredFile
from dlt_pipelines.windows import Window, current_time

SOURCE = DATASET.source
REPORT = "traces"
SCOPE = "file"
# Small files are parsed together, and so many bytes committed at once.
FILES_AT_ONCE = 400
COMMIT_BYTES = 1 << 30
AHEAD = 8
# Of one reading; a log of another program would be all bad lines.
MOST_REJECTED_LINES = 1_000
# Of one file and run; each is looked for by some twenty readings, and a file of nothing else has another reason.
MOST_UNREADABLE_LINES = 50
# What a reading counts, by the columns of file_readings.
COUNTED = ("lines", "bad_lines", "spans", "events", "metric_points", "ignored_events", "ignored_points")
UNREADABLE = "a value that cannot be read"
READERS = {
    "otlp_json": otlp.parse_lines,
    "copilot_cli": copilot_cli.parse_lines,
    "clickhouse_table": clickhouse.parse_tables,
}
GONE = "went away while it was read; what is elsewhere now comes with the next run"


def extract(
    settings: OtelSettings,
    warehouse: Warehouse,
    window: Window,
    pseudonymizer: Pseudonymizer,
    outcome: Outcome,
    progress: Progress,
    clock: Clock | None = None,  # noqa: ARG001 (nothing is asked over the network)
) -> None:
    """Loads what is new of the files; lines and files with mistakes are gathered in the outcome."""
    started = current_time()
    files = trace_files(settings)
    run = _Run(settings, warehouse, window, pseudonymizer, outcome, progress, started, files)
    run.load()
    run.tell_bad_lines()


@dataclass
class _BadLines:
    """The bad lines of a file: the first, why, and how many."""

    line_number: int
    reason: str
    lines: int = 0
    are_kept: bool = False


@dataclass
class _Run:
    """What the readings of one extraction share. `rows` are manifest rows that wait for their commit.

    `refused`: files with a part that could not be read. What follows it is left for a later run: once it were recorded
    as read, nobody would come back to that part. `unreadable`: how many lines of a file nothing could be read of.
    """

    settings: OtelSettings
    warehouse: Warehouse
    window: Window
    pseudonymizer: Pseudonymizer
    outcome: Outcome
    progress: Progress
    started: datetime
    files: list[StoredFile]
    rows: list[dict[str, Any]] = field(default_factory=list)
    bad_lines: dict[str, _BadLines] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    unreadable: Counter[str] = field(default_factory=Counter)
    has_uncounted_rows: bool = False

    def __post_init__(self) -> None:
        self.readings = Readings.of(self.warehouse, self.account_id)

    @property
    def account_id(self) -> str:
        """The folder, as the manifest names it."""
        return f"{SOURCE}/{self.settings.name}"

    def load(self) -> None:
        """Loads and commits, a gigabyte at a time."""
        groups = self._groups()
        while (first := next(groups, None)) is not None:
            self.warehouse.load(DATASET, prefetch(self._batches(chain([first], groups)), AHEAD))
            self.warehouse.remember_identifiers(self.pseudonymizer, SOURCE)
            self._commit()
        self._commit()
        if self.has_uncounted_rows:
            self.warehouse.prune_superseded(DATASET)

    def _commit(self) -> None:
        if self.rows:
            self.warehouse.commit(DATASET, self.rows)
        self.rows = []

    def _groups(self) -> Iterator[list[Range]]:
        """New content in groups that are parsed together: of one form, and none of it twice."""
        task = self.progress.task("agent traces", total=len(self.files))
        group: list[Range] = []
        for file in self.files:
            content = self._look_into(file)
            if content and any(one.content.key == content.key for one in group):
                yield group
                group = []
            for part in self._parts(file, content) if content else ():
                if group and (part.content.form != group[0].content.form or _is_full(group)):
                    yield group
                    group = []
                if part.file.name in self.refused:
                    part.path.unlink()
                    break
                group.append(part)
                if part.content.form == "clickhouse_table":
                    yield group
                    group = []
            task.advance(rows=self.outcome.rows)
        if group:
            yield group

    def _look_into(self, file: StoredFile) -> Content | None:
        """What a file holds; None where there is nothing to be read. Says what is wrong with it."""
        with self._told(file):
            if self.readings.is_unchanged(file):
                self.outcome.reports["unchanged"] += 1
                return None
            return look_into(file)
        return None

    def _parts(self, file: StoredFile, content: Content) -> Iterator[Range]:
        """What is new in a file; notes what there is to say of the rest of it."""
        with self._told(file):
            size, modified = file.size, file.modified
            was_not_whole = (f"{file.name}: {NOT_WHOLE}", size) in self.readings.said
            new = NewContent(file, content, self.readings, self.warehouse.spool, is_settled=was_not_whole)
            parts = 0
            for part in new:
                if part.content.form == "clickhouse_table":
                    clickhouse.signal_of(part.path, file.name)
                parts += 1
                yield replace(part, stored_bytes=size if part.is_last else None)
            if new.is_broken:
                raise RejectedFile(f"{file.name}: {new.rest}", "Deliver it whole; what came before is loaded.")
            if new.rest:
                self._note("not_available", f"{file.name}: {new.rest}", size)
            elif not parts:
                self.outcome.reports["unchanged"] += 1
                if UNDATED < modified < self.started:
                    self._note("unchanged", file.name + READ_BEFORE, size)

    @contextmanager
    def _told(self, file: StoredFile) -> Iterator[None]:
        """Within it, what is wrong with one file is told, and does not keep the others from being read."""
        try:
            yield
        except RejectedFile as problem:
            self.outcome.problems.append(problem)
            self.outcome.reports["rejected"] += 1
            self._note("rejected", problem.problem, None)
        except FileNotFoundError:
            self.outcome.warnings.append(f"{file.name} {GONE}")
        except OSError as error:
            told = error.strerror or type(error).__name__
            self.outcome.problems.append(AgentSpendError(f"{file.name} cannot be read: {told}", "Check the file."))

    def _note(self, status: str, detail: str, size: int | None) -> None:
        """A manifest row of a file of which nothing is loaded, unless there is one that says the same."""
        if (detail, size) in self.readings.said:
            return
        self.readings.said.add((detail, size))
        self.rows.append({**self._manifest(status), "detail": detail, "bytes": size})

    def _manifest(self, status: str) -> dict[str, Any]:
        today = self.started.date()
        return {
            "report_load_key": uuid.uuid4().hex,
            "source": SOURCE,
            "account_id": self.account_id,
            "scope": SCOPE,
            "report": REPORT,
            "report_date": today,
            "window_start": today,
            "window_end": today,
            "status": status,
            "files": 1,
            "downloaded_at": self.started,
        }

    def _batches(self, groups: Iterator[list[Range]]) -> Generator[tuple[str, pa.RecordBatch | pa.Table], None, None]:
        """The rows of what one commit makes visible, and the notes of the readings that they came with."""
        size = 0
        for group in groups:
            yield from self._read(group)
            size += sum(part.bytes_to - part.bytes_from for part in group)
            if size >= COMMIT_BYTES:
                return

    def _read(self, group: list[Range]) -> Iterator[tuple[str, pa.RecordBatch | pa.Table]]:
        """The rows of one group; a line that cannot be read must not cost the others.

        Halves of what cannot be read are read by themselves, in their order, until that line stands alone.
        """
        reads = [_file_read(part) for part in group]
        read = READERS[group[0].content.form]
        keep_content = self.settings.keep_content
        try:
            with connect(self.warehouse.spool) as connection:
                kept = self.warehouse.rejected
                yield from read(connection, reads, self.pseudonymizer, kept, keep_content=keep_content)
        except duckdb.OperationalError:  # of memory or disk, not of what was read
            raise
        except (duckdb.Error, UnreadableContent):  # whose message may quote the value
            self.has_uncounted_rows = True
        else:
            for part, file_read in zip(group, reads, strict=True):
                yield from self._settled(part, file_read)
                part.path.unlink()
            return
        for file_read in reads:
            if file_read.kept_lines:
                file_read.kept_lines.unlink()
        yield from self._read_halves(group)

    def _read_halves(self, group: list[Range]) -> Iterator[tuple[str, pa.RecordBatch | pa.Table]]:
        """The rows of a group that could not be read as a whole; what cannot be halved is told."""
        part = group[0]
        if len(group) > 1:
            middle = len(group) // 2
            halves = [group[:middle], group[middle:]]
        elif not part.has_lines or self.unreadable[part.file.name] >= MOST_UNREADABLE_LINES:
            self._refuse(part)
            return
        elif parts := part.halves():
            halves = [[half] for half in parts]
        else:
            yield from self._unreadable_line(part)
            return
        for half in halves:
            if left := self._without_refused(half):
                yield from self._read(left)

    def _without_refused(self, group: list[Range]) -> list[Range]:
        """The group without what follows a refused part in its file."""
        for part in group:
            if part.file.name in self.refused:
                part.path.unlink()
        return [part for part in group if part.file.name not in self.refused]

    def _unreadable_line(self, part: Range) -> Iterator[tuple[str, pa.Table]]:
        """What is told of a line of which nothing can be read."""
        self.unreadable[part.file.name] += 1
        read = _file_read(part)
        read.lines = 1
        note(read, part.first_line, UNREADABLE)
        KeptLines(self.warehouse.rejected).keep(read, part.path.read_bytes())
        yield from self._settled(part, read)
        part.path.unlink()

    def _refuse(self, part: Range) -> None:
        self.refused.add(part.file.name)
        kept = keep_aside(part.path, self.warehouse.rejected / f"otel_{part.sha256[:12]}{part.path.suffix}")
        with self._told(part.file):
            raise RejectedFile(
                f"{part.file.name}: bytes {part.bytes_from} to {part.bytes_to} hold a value that cannot be read",
                f"Kept aside in {kept.parent}; what follows in this file waits, the other files are loaded.",
            )

    def _settled(self, part: Range, read: FileRead) -> Iterator[tuple[str, pa.Table]]:
        """Notes a reading, and yields what tells of it."""
        name, key = part.file.name, read.file.report_load_key
        self.readings.add(Reading(part.content.key, name, part.bytes_to, part.sha256, part.stored_bytes, self.started))
        rows = read.spans + read.events + read.metric_points
        self.outcome.reports["loaded"] += 1
        self.outcome.rows += rows
        self.rows.append(
            {
                **self._manifest("loaded"),
                "report_load_key": key,
                "rows": rows,
                "bytes": part.stored_bytes,
                "sha256": part.sha256,
                "detail": f"{name}: {_lines(read.bad_lines)} with mistakes" if read.bad_lines else None,
            }
        )
        reading = {
            "report_load_key": key,
            "source_file": name,
            "content_key": part.content.key,
            "bytes_from": part.bytes_from,
            "bytes_to": part.bytes_to,
            "format": part.content.form,
            "signals": ",".join(sorted(read.signals)) or None,
            **{counted: getattr(read, counted) for counted in COUNTED},
        }
        yield FILE_READINGS.name, FILE_READINGS.to_arrow([reading])
        if read.problems:
            yield REJECTED_LINES.name, self._rejected_lines(read)

    def _rejected_lines(self, read: FileRead) -> pa.Table:
        problems = sorted(read.problems, key=lambda problem: problem.line_number)
        told = self.bad_lines.setdefault(read.file.name, _BadLines(problems[0].line_number, problems[0].reason))
        told.lines += read.bad_lines
        told.are_kept |= read.kept_lines is not None
        listed = [(problem.line_number, problem.reason) for problem in problems[:MOST_REJECTED_LINES]]
        if more := problems[MOST_REJECTED_LINES:]:
            listed.append((more[0].line_number, f"{len(more):,} more mistakes from here on, not listed one by one"))
        return REJECTED_LINES.to_arrow(
            [
                {
                    "report_load_key": read.file.report_load_key,
                    "source_file": read.file.name,
                    "line_number": line_number,
                    "reason": reason,
                }
                for line_number, reason in listed
            ]
        )

    def tell_bad_lines(self) -> None:
        """One line for each file that had bad ones: the first of them, and how many."""
        for name, bad in self.bad_lines.items():
            more = f", and {_lines(bad.lines - 1)} more" if bad.lines > 1 else ""
            kept = f"Kept aside in {self.warehouse.rejected}; what" if bad.are_kept else "What"
            remedy = f"{kept} else the file holds is loaded."
            self.outcome.problems.append(RejectedFile(f"{name}, line {bad.line_number}: {bad.reason}{more}", remedy))


def _is_full(group: list[Range]) -> bool:
    size = sum(part.bytes_to - part.bytes_from for part in group)
    return len(group) >= FILES_AT_ONCE or size >= RANGE_BYTES


def _file_read(part: Range) -> FileRead:
    return FileRead(TraceFile(part.path, part.file.name, uuid.uuid4().hex, part.first_line))


def _lines(number: int) -> str:
    return f"{number:,} {'line' if number == 1 else 'lines'}"
