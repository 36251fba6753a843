"""The files of traces below a folder: what each one holds, how much of it was read before, and what is new, in pieces.

A file is known by its content, not by its name: a collector renames the file that it has filled, and goes on under the
name that it had. What was read is known again by the digest of the content up to there; where that does not agree, the
file is another one and is read from its start.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import re
import shutil
import uuid
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Self

import pyarrow as pa

from dlt_pipelines.errors import ConfigurationError, RejectedFile, shown_address
from dlt_pipelines.otel.lines import LIKE_A_RECORD, NOT_JSON, is_record
from dlt_pipelines.otel.settings import OtelSettings
from dlt_pipelines.otel.tables import DATASET
from dlt_pipelines.pipelines import Warehouse
from dlt_pipelines.stored_files import PIECE_BYTES, UNDATED, StoredFile, files_below, told_if_unreadable

SETTING = "SOURCES__OTEL__BUCKET_URL"
# A longer first line tells files apart by its beginning.
HEAD_BYTES = 1 << 16
# What is copied, parsed and committed as one reading.
RANGE_BYTES = 1 << 26
# A whole last line is looked at for JSON only up to here.
LONGEST_LAST_LINE = 1 << 27

GZIP = b"\x1f\x8b"
ZSTD = b"\x28\xb5\x2f\xfd"
PARQUET = b"PAR1"
# What no text in JSON holds; protocol buffers do.
BINARY = re.compile(rb"[\x00-\x08\x0e-\x1f]")
Packing = Literal["none", "gzip", "zstd", "framed"]
TraceFormat = Literal["otlp_json", "copilot_cli", "clickhouse_table"]

OTLP_MEMBERS = {"resourceSpans", "resourceLogs", "resourceMetrics"}
# Of the JavaScript SDK's spans, log records and metrics, and of the lines that Copilot CLI makes of them.
SDK_MEMBERS = {"startTime", "endTime", "hrTime", "_spanContext", "dataPoints", "scopeMetrics"}
SDK_TYPES = {"span", "log", "metric"}
LOOKED_AT_LINES = 64
# A file is another program's log where so many lines hold nothing like a record.
LINES_WITH_A_RECORD = 200

# Said of a file under a name that its content was not read under, and of one that is being written.
READ_BEFORE = ": its content was read before"
NOT_WHOLE = "its end is not whole yet"

PROTOBUF = (
    "Have JSON written: `format: json` in the collector's file exporter, `marshaler: otlp_json` or an `encoding` of"
    " JSON in its object store exporters."
)


class CutOff(Exception):
    """The packed content breaks off; what came before was handed out."""


@dataclass(frozen=True)
class Content:
    """What the beginning of a file tells: how it is packed, the form of its records, and the key of its content.

    `is_document`: JSON over many lines, which cannot be cut at line ends. Of Parquet the key is that of the whole file.
    """

    packing: Packing
    form: TraceFormat
    key: str
    is_document: bool = False


def trace_files(settings: OtelSettings) -> list[StoredFile]:
    """The files that the settings name, without hidden ones; raises ConfigurationError where there are none."""
    shown = shown_address(str(settings.bucket_url))
    with told_if_unreadable(f"the traces at {shown}", f"Check {SETTING}."):
        found = files_below(str(settings.bucket_url), settings.file_glob)
    if found is None:
        raise ConfigurationError(f"there is no folder {shown}", f"Check {SETTING}.")
    files = [file for file in found if not file.name.rpartition("/")[2].startswith((".", "_"))]
    if not files:
        raise ConfigurationError(
            f"no file in {shown} matches {settings.file_glob}", f"Check {SETTING} and SOURCES__OTEL__FILE_GLOB."
        )
    return files


def look_into(file: StoredFile) -> Content | None:
    """What a file holds, by its first 64 KiB; None where it is empty. Raises RejectedFile where these are no traces."""
    with file.opened() as stream:
        packing = _packing(stream.read(len(ZSTD) + 4))
    if packing is None:
        return Content("none", "clickhouse_table", "")
    head = b""
    is_whole = False
    try:
        for piece in unpacked(file, packing):
            head += piece
            if len(head.lstrip()) >= HEAD_BYTES:
                break
        else:
            is_whole = True
    except CutOff as broken:
        if not head.strip():
            raise RejectedFile(f"{file.name}: {broken}", "Deliver it whole; the other files are loaded.") from None
    beginning = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    head = beginning[:HEAD_BYTES]
    if not head:
        return None
    if BINARY.search(head):
        raise RejectedFile(f"{file.name}: binary, no JSON; OTLP in protocol buffers is not read", PROTOBUF)
    if not head.startswith((b"{", b"[")) and not any(line.startswith(b"{") for line in head.split(b"\n")):
        raise RejectedFile(f"{file.name}: holds no traces in JSON", "Leave it out by SOURCES__OTEL__FILE_GLOB.")
    key = hashlib.sha256(head.partition(b"\n")[0].rstrip()).hexdigest()
    is_document = _is_document(head)
    if not is_document and _holds_no_record(beginning, is_whole=is_whole):
        raise RejectedFile(
            f"{file.name}: no traces in its first {LINES_WITH_A_RECORD} lines",
            "Leave it out by SOURCES__OTEL__FILE_GLOB; the other files are loaded.",
        )
    return Content(packing, _form(head), key, is_document)


def _packing(start: bytes) -> Packing | None:
    """How the content is packed; None for Parquet."""
    if start.startswith(PARQUET):
        return None
    if start.startswith(GZIP):
        return "gzip"
    if start.startswith(ZSTD):
        return "zstd"
    # The collector's file exporter packs message by message, and writes the length of each before it.
    return "framed" if start[4:8] == ZSTD else "none"


def _form(head: bytes) -> TraceFormat:
    """The form of the first record that can be read; OTLP, whose reader says what is wrong, where none can be."""
    for line in head.split(b"\n")[:LOOKED_AT_LINES]:
        try:
            record = json.loads(line)
        except NOT_JSON:
            continue
        if isinstance(record, dict) and OTLP_MEMBERS & set(record):
            return "otlp_json"
        if isinstance(record, dict) and (record.get("type") in SDK_TYPES or SDK_MEMBERS & set(record)):
            return "copilot_cli"
    if re.search(rb'"resource(?:Spans|Logs|Metrics)"', head):
        return "otlp_json"
    return "copilot_cli" if re.match(rb'\{"type":"(?:span|log|metric)"|\{.*"_spanContext"', head) else "otlp_json"


def _holds_no_record(beginning: bytes, *, is_whole: bool) -> bool:
    """Whether so many lines were looked at, or all there are, and none of them is like a record of any form."""
    lines = beginning.split(b"\n", LINES_WITH_A_RECORD)
    if len(lines) == 1 or (len(lines) <= LINES_WITH_A_RECORD and not is_whole):
        return False  # what is too little to tell by
    return not any(LIKE_A_RECORD.search(line) for line in lines[:LINES_WITH_A_RECORD])


def _is_document(head: bytes) -> bool:
    """Whether the first line begins a JSON document that goes on in the next ones."""
    line, line_end, rest = head.partition(b"\n")
    if not line_end or not line.rstrip().endswith((b"{", b"[", b",")) or _is_json(line):
        return False
    return not any(is_record(line) for line in rest.split(b"\n"))


def _is_json(content: bytes) -> bool:
    """Whether it is JSON: one document, or one after the other."""
    decoder = json.JSONDecoder()
    try:
        text = content.decode("utf-8-sig").strip()
        while text:
            text = text[decoder.raw_decode(text)[1] :].lstrip()
    except NOT_JSON:
        return False
    return True


def unpacked(file: StoredFile, packing: Packing, start: int = 0) -> Iterator[bytes]:
    """The unpacked content from a byte on, in small pieces; raises CutOff where the packing breaks off."""
    if packing == "none":
        with file.opened() as stream:
            stream.seek(start)
            while piece := stream.read(PIECE_BYTES):
                yield piece
        return
    unpack = {"gzip": _gunzip, "zstd": _unzstd, "framed": _unframe}[packing]
    for piece in unpack(file):
        if start < len(piece):
            yield piece[start:]
        start = max(start - len(piece), 0)


def _gunzip(file: StoredFile) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(31)
    has_begun = False
    for stored in file.pieces():
        rest = stored
        while rest or has_begun:
            try:
                piece = unpacker.decompress(rest, PIECE_BYTES)
            except zlib.error:
                raise CutOff("damaged: not gzip to its end") from None
            has_begun = True
            if piece:
                yield piece
            rest = unpacker.unconsumed_tail
            if unpacker.eof:  # another member may follow
                rest = unpacker.unused_data.lstrip(b"\0")
                unpacker, has_begun = zlib.decompressobj(31), False
            elif not rest and len(piece) < PIECE_BYTES:
                break
    if has_begun:
        raise CutOff("cut off: its gzip ends too early")


def _unzstd(file: StoredFile) -> Iterator[bytes]:
    with file.opened() as stored, pa.CompressedInputStream(pa.PythonFile(stored, "r"), "zstd") as stream:
        while True:
            try:
                piece = stream.read(PIECE_BYTES)
            except OSError:
                raise CutOff("cut off or damaged: its zstd ends too early") from None
            if not piece:
                return
            yield piece


def _unframe(file: StoredFile) -> Iterator[bytes]:
    """The messages of a packed file of the collector, one a line; of one that is being written the whole ones."""
    waiting = bytearray()
    for stored in file.pieces():
        waiting += stored
        while len(waiting) >= 4 and len(waiting) >= (end := 4 + int.from_bytes(waiting[:4], "big")):
            message = bytes(waiting[4:end])
            del waiting[:end]
            try:
                content = pa.CompressedInputStream(pa.BufferReader(message), "zstd").read()
            except OSError:
                raise CutOff("damaged: a message that is no zstd") from None
            yield content.rstrip(b"\n") + b"\n"
    if waiting:
        raise CutOff(NOT_WHOLE)


@dataclass
class Prefix:
    """The content of a file up to a byte: its digest, its line ends, and the same at the start of its last line."""

    size: int = 0
    lines: int = 0
    line_start: int = 0
    digest: Any = field(default_factory=hashlib.sha256)
    line_digest: Any = field(default_factory=hashlib.sha256)

    def feed(self, piece: bytes) -> None:
        """Adds what follows."""
        end = piece.rfind(b"\n") + 1
        self.digest.update(piece[:end])
        if end:
            self.lines += piece.count(b"\n", 0, end)
            self.line_start = self.size + end
            self.line_digest = self.digest.copy()
        self.digest.update(piece[end:])
        self.size += len(piece)

    def copy(self) -> Prefix:
        """The same, to go on from twice."""
        return Prefix(self.size, self.lines, self.line_start, self.digest.copy(), self.line_digest.copy())

    def to_line_start(self) -> Prefix:
        """The content up to the start of its last line."""
        return Prefix(self.line_start, self.lines, self.line_start, self.line_digest.copy(), self.line_digest.copy())


@dataclass(frozen=True)
class Reading:
    """A reading that counts: what it ended with, and the stored size of the file where it ended with the file."""

    content_key: str
    source_file: str
    bytes_to: int
    sha256: str
    stored_bytes: int | None
    read_at: datetime


@dataclass
class Readings:
    """What was read before, by content and by name, and what was said of files of which nothing was read.

    Content is known wherever it lay; names, and what was said of them, are those of one folder (`account_id`).
    """

    by_content: dict[str, set[tuple[int, str]]] = field(default_factory=dict)
    by_name: dict[str, tuple[int | None, datetime]] = field(default_factory=dict)
    said: set[tuple[str, int | None]] = field(default_factory=set)

    @classmethod
    def of(cls, warehouse: Warehouse, account_id: str) -> Readings:
        """The readings that the manifest names."""
        readings = cls()
        for row in warehouse.read(
            DATASET,
            """
            select account_id, content_key, source_file, bytes_to, sha256, bytes, downloaded_at
            from {file_readings} inner join {report_loads} using (report_load_key)
            where status = 'loaded' order by loaded_at, downloaded_at, bytes_to
            """,
        ):
            readings.add(Reading(*row[1:]), is_ours=row[0] == account_id)
        for account, detail, size, status, read_at in warehouse.read(
            DATASET,
            """
            select account_id, detail, bytes, status, downloaded_at from {report_loads}
            where status <> 'loaded' order by loaded_at, downloaded_at
            """,
        ):
            if account != account_id:
                continue
            readings.said.add((detail, size))
            if status == "unchanged":
                readings.by_name[detail.removesuffix(READ_BEFORE)] = (size, read_at)
        return readings

    def add(self, reading: Reading, *, is_ours: bool = True) -> None:
        """Notes a reading; one of another folder by its content alone."""
        self.by_content.setdefault(reading.content_key, set()).add((reading.bytes_to, reading.sha256))
        if is_ours:
            self.by_name[reading.source_file] = (reading.stored_bytes, reading.read_at)

    def is_unchanged(self, file: StoredFile) -> bool:
        """Whether a file was read to its end and was not touched since: then it need not be opened."""
        size, read_at = self.by_name.get(file.name, (None, None))
        if size is None or read_at is None or size != file.size:
            return False
        return UNDATED < file.modified < read_at


@dataclass(frozen=True)
class Range:
    """New content of a file, copied: all that stands before it, where it ends, the digest of all up to its end.

    `is_last`: nothing of the file is left after it; only then `stored_bytes` tells the file's size.
    """

    file: StoredFile
    content: Content
    path: Path
    before: Prefix
    bytes_to: int
    sha256: str
    is_last: bool
    stored_bytes: int | None = None

    @property
    def bytes_from(self) -> int:
        """Where it begins in the file."""
        return self.before.size

    @property
    def first_line(self) -> int:
        """The number of its first line in the file."""
        return self.before.lines + 1

    @property
    def has_lines(self) -> bool:
        """Whether it consists of lines that can be read one without the other."""
        return self.content.form != "clickhouse_table" and not self.content.is_document

    def halves(self) -> tuple[Self, Self] | None:
        """The same in two copies of whole lines, in their order; None where it is one line."""
        with self.path.open("r+b") as copy, mmap.mmap(copy.fileno(), 0, access=mmap.ACCESS_READ) as text:
            cut = text.find(b"\n", len(text) // 2, len(text) - 1) + 1 or text.rfind(b"\n", 0, len(text) // 2) + 1
            if not cut:
                return None
            end = self.before.copy()
            for place in range(0, cut, PIECE_BYTES):
                end.feed(text[place : min(place + PIECE_BYTES, cut)])
        rest = self.path.with_name(f"otel_{uuid.uuid4().hex}")
        with self.path.open("r+b") as copy, rest.open("wb") as second:
            copy.seek(cut)
            shutil.copyfileobj(copy, second)
            copy.truncate(cut)
        first = replace(self, bytes_to=end.size, sha256=end.digest.hexdigest(), is_last=False, stored_bytes=None)
        return first, replace(self, path=rest, before=end)


class NewContent:
    """What of a file was not read yet, to be iterated once; `rest` says afterwards what is left of it.

    `is_settled`: the file has not changed since it was last looked at, so a last line without its end is all there is.
    """

    def __init__(self, file: StoredFile, content: Content, readings: Readings, folder: Path, *, is_settled: bool):
        self._file = file
        self._content = content
        self._folder = folder
        self._is_settled = is_settled or content.packing in ("gzip", "zstd")
        self._readings = readings
        self.rest = ""
        self.is_broken = False

    def __iter__(self) -> Iterator[Range]:
        if self._content.form == "clickhouse_table":
            yield from self._table()
            return
        yield from self._ranges(self._read_before())

    def _table(self) -> Iterator[Range]:
        """A table is read as a whole, under the digest of its bytes."""
        path = self._path()
        sha256 = self._file.copy_to(path)
        size = path.stat().st_size
        if (size, sha256) in self._readings.by_content.get(sha256, ()):
            path.unlink()
            return
        content = Content("none", "clickhouse_table", sha256)
        yield Range(self._file, content, path, Prefix(), size, sha256, is_last=True)

    def _read_before(self) -> Prefix:
        """How far the content agrees with what was read before."""
        prefix, best = Prefix(), Prefix()
        known = self._readings.by_content.get(self._content.key, set())
        ends = sorted({size for size, _ in known})
        if not ends:
            return best
        pieces = self._pieces(0)
        piece = b""
        for end in ends:
            while prefix.size < end and (piece := piece or next(pieces, b"")):
                wanted = end - prefix.size
                prefix.feed(piece[:wanted])
                piece = piece[wanted:]
            if prefix.size == end and (end, prefix.digest.hexdigest()) in known:
                best = prefix.copy()
        return best

    def _pieces(self, start: int) -> Iterator[bytes]:
        try:
            yield from unpacked(self._file, self._content.packing, start)
        except CutOff as broken:
            self.rest = str(broken)
            self.is_broken = self._content.packing != "framed" or self._is_settled

    def _ranges(self, prefix: Prefix) -> Iterator[Range]:
        pieces, piece = self._opened(prefix)
        has_open_line = prefix.line_start < prefix.size and not self._content.is_document
        if has_open_line and piece and piece[:1] not in b"\r\n":
            # The line that was taken for the last one has gone on.
            prefix = prefix.to_line_start()
            pieces, piece = self._opened(prefix)
        elif self._content.is_document and piece and not self._was_whole(prefix):
            # So has the document that was taken for cut off.
            prefix = Prefix()
            pieces, piece = self._opened(prefix)
        start, path = prefix.copy(), self._path()
        copy = path.open("wb")
        try:
            while piece:
                copy.write(piece)
                prefix.feed(piece)
                if prefix.line_start - start.size >= RANGE_BYTES and not self._content.is_document:
                    begun_line = piece[len(piece) - (prefix.size - prefix.line_start) :]
                    end = prefix.to_line_start()
                    copy.truncate(end.size - start.size)
                    copy.close()
                    yield self._range(path, start, end)
                    start, path = end, self._path()
                    copy = path.open("wb")
                    copy.write(begun_line)
                piece = next(pieces, b"")
            copy.flush()
            end = prefix
            if self._content.is_document:
                if prefix.size > start.size and (self.rest or not self._is_whole(path, 0)):
                    self.rest = self.rest or NOT_WHOLE
                    end = start
            elif prefix.line_start < prefix.size:
                begin = max(prefix.line_start - start.size, 0)
                if self.rest or not self._is_whole(path, begin):
                    self.rest = self.rest or NOT_WHOLE
                    end = prefix.to_line_start()
                    copy.truncate(begin)
        finally:
            copy.close()
        if end.size > start.size:
            yield self._range(path, start, end, is_last=not self.rest)
        else:
            path.unlink()

    def _opened(self, prefix: Prefix) -> tuple[Iterator[bytes], bytes]:
        """What follows what was read before, and its first piece; raises FileNotFoundError where it is no more there.

        The file was opened by its name to compare that, and another one may have taken the name meanwhile: looked at
        after this opening, the beginning tells.
        """
        pieces = self._pieces(prefix.size)
        piece = next(pieces, b"")
        if piece and prefix.size:
            content = look_into(self._file)
            if content is None or content.key != self._content.key:
                raise FileNotFoundError(self._file.name)
        return pieces, piece

    def _was_whole(self, prefix: Prefix) -> bool:
        """Whether what was read before of documents ended with one; what is too long is not read again."""
        if not 0 < prefix.size <= LONGEST_LAST_LINE:
            return True
        read = bytearray()
        for piece in self._pieces(0):
            read += piece[: prefix.size - len(read)]
            if len(read) == prefix.size:
                break
        return _is_json(bytes(read))

    def _is_whole(self, path: Path, begin: int) -> bool:
        """Whether what stands from there on is read: nothing will follow it, or it is JSON to its end."""
        if self._is_settled:
            return True
        if path.stat().st_size - begin > LONGEST_LAST_LINE:
            return False
        with path.open("rb") as copy:
            copy.seek(begin)
            return _is_json(copy.read())

    def _range(self, path: Path, start: Prefix, end: Prefix, *, is_last: bool = False) -> Range:
        return Range(self._file, self._content, path, start, end.size, end.digest.hexdigest(), is_last)

    def _path(self) -> Path:
        return self._folder / f"otel_{uuid.uuid4().hex}{'.parquet' if self._content.form == 'clickhouse_table' else ''}"
