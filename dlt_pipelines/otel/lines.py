"""The lines of trace files, in chunks of bounded size, as Arrow columns: no line is touched in Python on the way.

A file that is one JSON document over many lines (or several) becomes one line per document.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from dlt_pipelines.otel.trace_file import BadLine, FileRead

CHUNK_BYTES = 1 << 25
# Beyond this a line is refused: DuckDB holds several times its size while it takes it apart.
LONGEST_LINE = 1 << 26
# A line's id tells its file (by number) and its number in it.
FILE_FACTOR = 1 << 40
# What json raises, the latter of what is nested thousands deep.
NOT_JSON = (ValueError, RecursionError)
BLANK = re.compile(rb"\s*\Z")
LIKE_A_RECORD = re.compile(
    rb'"(?:resource(?:Spans|Logs|Metrics)|startTime|endTime|hrTime|_spanContext|dataPoints|scopeMetrics)"'
    rb'|"type"\s*:\s*"(?:span|log|metric)"'
)
NOT_BLANK = re.compile(r"[^ \t\r\n]")


@dataclass
class Chunk:
    """Lines of one or more files: the Arrow table (line, text), and the number of each file that is in it."""

    parts: list[pa.Table] = field(default_factory=list)
    bytes: int = 0

    def add(self, part: pa.Table, size: int) -> None:
        """Appends lines."""
        self.parts.append(part)
        self.bytes += size

    def table(self) -> pa.Table:
        """All lines, in batches that two threads can share."""
        whole = pa.concat_tables(self.parts)
        return pa.Table.from_batches(whole.to_batches(max_chunksize=max(1, min(2048, -(-whole.num_rows // 4)))))


def chunks(reads: Sequence[FileRead], keep: KeptLines) -> Iterator[pa.Table]:
    """The lines of all files, blank ones included, as tables of about CHUNK_BYTES."""
    chunk = Chunk()
    for number, read in enumerate(reads):
        for part, size in _parts(read, number, keep):
            if chunk.parts and chunk.bytes + size > CHUNK_BYTES:
                yield chunk.table()
                chunk = Chunk()
            chunk.add(part, size)
    if chunk.parts:
        yield chunk.table()


@dataclass(frozen=True)
class KeptLines:
    """Where the bytes of lines that cannot be read are kept, one file per reading; None keeps none."""

    folder: Any

    def keep(self, read: FileRead, line: bytes) -> None:
        """Appends a line to the file of its reading, for its owner's eyes only."""
        if self.folder is None:
            return
        if read.kept_lines is None:
            read.kept_lines = (
                self.folder / f"otel_lines_{re.sub('[^A-Za-z0-9]+', '-', read.file.report_load_key)}.jsonl"
            )
            read.kept_lines.touch(mode=0o600)
        with read.kept_lines.open("ab") as kept:
            kept.write(line.rstrip(b"\n") + b"\n")


def note(read: FileRead, line_number: int, reason: str) -> None:
    """Counts a line as bad, once, and keeps each reason once."""
    read.problems.setdefault(BadLine(line_number, reason))
    if line_number not in read.bad_line_numbers:
        read.bad_line_numbers.add(line_number)
        read.bad_lines += 1


def _parts(read: FileRead, number: int, keep: KeptLines) -> Iterator[tuple[pa.Table, int]]:
    file = read.file
    with file.path.open("rb") as stream:
        pieces = _pieces(stream, read)
        first = next(pieces, None)
        if first is None:
            return
        if (document := _as_documents(first, pieces, read, keep)) is not None:
            if document:
                lines = pa.array([text for _, text in document])
                first_id = number * FILE_FACTOR + file.first_line - 1
                ids = pa.array([first_id + line for line, _ in document], pa.int64())
                yield pa.table({"line": ids, "text": lines}), sum(len(text) for _, text in document)
            return
        piece: bytes | None = first
        while piece is not None:
            yield _table(piece, read, number, keep), len(piece)
            piece = next(pieces, None)


def _pieces(stream: BinaryIO, read: FileRead) -> Iterator[bytes]:
    """Whole lines of about CHUNK_BYTES; the last one may lack its end."""
    rest = b""
    while block := stream.read(CHUNK_BYTES):
        end = block.rfind(b"\n") + 1
        if not end:
            rest += block
            if len(rest) > LONGEST_LINE:
                rest = _skip_line(stream, read)
            continue
        yield rest + block[:end]
        rest = block[end:]
    if rest:
        yield rest


def _skip_line(stream: BinaryIO, read: FileRead) -> bytes:
    """Leaves out a line that is too long; returns what follows it."""
    while True:
        block = stream.read(CHUNK_BYTES)
        end = block.find(b"\n") + 1
        if end or not block:
            note(read, read.next_line, f"longer than {LONGEST_LINE >> 20} MiB (not kept aside)")
            read.next_line += 1
            read.lines += 1
            return block[end:]


def _table(piece: bytes, read: FileRead, number: int, keep: KeptLines) -> pa.Table:
    """The lines of a piece with their ids."""
    body = piece.removesuffix(b"\n")
    offsets = pa.py_buffer((0).to_bytes(4, "little") + len(body).to_bytes(4, "little"))
    whole = pa.StringArray.from_buffers(1, offsets, pa.py_buffer(body))
    try:
        whole.validate(full=True)
    except pa.ArrowInvalid:
        whole = pa.array([_only_utf8(body, read, keep).decode()])
    texts = pc.split_pattern(whole, "\n").flatten()
    first = number * FILE_FACTOR + read.next_line
    ids = pa.array(range(first, first + len(texts)), pa.int64())
    read.next_line += len(texts)
    return pa.table({"line": ids, "text": texts})


def _only_utf8(body: bytes, read: FileRead, keep: KeptLines) -> bytes:
    """The lines with blank ones in place of those that are no UTF-8, which are noted."""
    lines = body.split(b"\n")
    for place, line in enumerate(lines):
        try:
            line.decode()
        except UnicodeDecodeError:
            note(read, read.next_line + place, "not UTF-8")
            keep.keep(read, line)
            read.lines += 1
            lines[place] = b""
    return b"\n".join(lines)


def _as_documents(
    first: bytes, pieces: Iterator[bytes], read: FileRead, keep: KeptLines
) -> list[tuple[int, str]] | None:
    """(line, text) of the JSON documents of a file that does not hold one on each line; None where it does."""
    opening = next((line for line in first.split(b"\n", 64) if not BLANK.match(line)), b"")
    if not _spans_lines(opening) or _is_object(opening) or any(is_record(line) for line in first.split(b"\n")):
        return None
    whole = first
    for piece in pieces:
        whole += piece
        if len(whole) > LONGEST_LINE:
            note(read, read.next_line, f"a document of more than {LONGEST_LINE >> 20} MiB")
            break
    try:
        documents = list(_documents(whole.decode("utf-8-sig")))
    except NOT_JSON:
        note(read, read.next_line + whole[: whole.find(opening)].count(b"\n"), "not valid JSON (cut off or damaged)")
        keep.keep(read, whole)
        read.lines += 1
        documents = []
    return documents


def _documents(text: str) -> Iterator[tuple[int, str]]:
    """The JSON documents of a text, each as one line, with the number of the line that it begins on.

    Several that begin on one line, and the items of an array, become one document: a line's number is its id.
    """
    decoder = json.JSONDecoder()
    place, line = 0, 1
    begun: dict[int, list[tuple[Any, str]]] = {}
    while start := _next_document(text, place):
        line += text.count("\n", place, start - 1)
        document, end = decoder.raw_decode(text, start - 1)
        # Line ends stand between members only: within a string JSON writes them as \n.
        begun.setdefault(line, []).append((document, text[start - 1 : end].replace("\n", " ")))
        line += text.count("\n", start - 1, end)
        place = end
    for number, found in begun.items():
        ((document, written), *others) = found
        if others or isinstance(document, list):
            yield number, _merged([document for document, _ in found])
        else:
            yield number, written


def _next_document(text: str, place: int) -> int:
    """The place (from 1) of the next character that is not blank; 0 at the end."""
    found = NOT_BLANK.search(text, place)
    return found.start() + 1 if found else 0


def _merged(documents: list[Any]) -> str:
    """One request with the lists of all of them."""
    whole: dict[str, list[Any]] = {}
    for document in documents:
        for item in document if isinstance(document, list) else [document]:
            for name, value in item.items() if isinstance(item, dict) else ():
                if isinstance(value, list):
                    whole.setdefault(name, []).extend(value)
    return json.dumps(whole)


def _spans_lines(opening: bytes) -> bool:
    """Whether the first line begins a document that goes on in the next."""
    return opening.rstrip().endswith((b"{", b"[", b","))


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line.decode("utf-8-sig")), dict)
    except NOT_JSON:
        return False


def is_record(line: bytes) -> bool:
    """Whether a line is a record by itself: then what surrounds it are damaged lines, not parts of one document."""
    return LIKE_A_RECORD.search(line) is not None and _is_object(line)
