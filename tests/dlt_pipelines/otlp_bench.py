"""A reader of OTLP files below a folder, without a warehouse, and builders of the requests that it reads."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from dlt_pipelines.identifiers import Pseudonymizer
from dlt_pipelines.otel.otlp import parse_lines
from dlt_pipelines.otel.trace_file import FileRead, TraceFile
from dlt_pipelines.reports import connect
from tests.dlt_pipelines.pseudonyms import KEY

Json = dict[str, Any]
Row = dict[str, Any]

TRACE, SPAN = "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174"
# 2026-09-01 00:00:00 UTC.
START = 1_788_220_800_000_000_000
SECOND = 10**9
NEITHER_TRACE = "traceId is neither 32 hex digits nor base64 of 16 bytes"
NEITHER_SPAN = "spanId is neither 16 hex digits nor base64 of 8 bytes"
# What a test looks for in everything that was loaded.
TELLING = "TELLING-a7f3"


@dataclass
class Reader:
    """Reads files below a folder, and keeps what came of it."""

    folder: Path
    rows: dict[str, list[Row]] = field(default_factory=dict)
    reads: list[FileRead] = field(default_factory=list)

    def read(self, *files: TraceFile, keep_content: bool = False) -> Reader:
        spool, rejected = self.folder / "spool", self.folder / "rejected"
        for folder in (spool, rejected):
            folder.mkdir(exist_ok=True)
        found: dict[str, list[Row]] = defaultdict(list)
        self.reads = [FileRead(file) for file in files]
        with connect(spool) as connection:
            for table, batch in parse_lines(
                connection, self.reads, Pseudonymizer(KEY), rejected, keep_content=keep_content
            ):
                found[table] += batch.to_pylist()
        self.rows = dict(found)
        return self

    def write(self, content: bytes | str, name: str = "traces.jsonl") -> TraceFile:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return TraceFile(path, name, f"load of {name}")

    def lines(self, *documents: Json, keep_content: bool = False) -> Reader:
        text = "".join(json.dumps(document) + "\n" for document in documents)
        return self.read(self.write(text), keep_content=keep_content)

    def table(self, name: str) -> list[Row]:
        return self.rows.get(name, [])

    @property
    def span(self) -> Row:
        (row,) = self.table("spans")
        return row

    @property
    def event(self) -> Row:
        (row,) = self.table("events")
        return row

    @property
    def problems(self) -> list[tuple[int, str]]:
        return sorted((problem.line_number, problem.reason) for read in self.reads for problem in read.problems)


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    return Reader(tmp_path)


def value_of(value: Any) -> Json:
    """An AnyValue: a dictionary is one already."""
    if isinstance(value, dict):
        return value
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    return {"doubleValue": value} if isinstance(value, float) else {"stringValue": value}


def attributes(values: Json) -> list[Json]:
    return [{"key": key, "value": value_of(value)} for key, value in values.items()]


def span(values: Json | None = None, **fields: Any) -> Json:
    whole = {
        "traceId": TRACE,
        "spanId": SPAN,
        "name": "chat",
        "startTimeUnixNano": str(START),
        "endTimeUnixNano": str(START + 2 * SECOND),
        "attributes": attributes(values or {}),
        **fields,
    }
    return {name: value for name, value in whole.items() if value is not None}


def traces(*spans: Json, resource: Json | None = None, scope: Json | None = None) -> Json:
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": attributes(resource or {})},
                "scopeSpans": [{"scope": scope or {}, "spans": list(spans)}],
            }
        ]
    }


def logs(*records: Json, resource: Json | None = None, scope: Json | None = None) -> Json:
    return {
        "resourceLogs": [
            {
                "resource": {"attributes": attributes(resource or {})},
                "scopeLogs": [{"scope": scope or {}, "logRecords": list(records)}],
            }
        ]
    }


def log(values: Json, **fields: Any) -> Json:
    return {"timeUnixNano": str(START), "attributes": attributes(values), **fields}


def metrics(*found: Json) -> Json:
    return {"resourceMetrics": [{"resource": {}, "scopeMetrics": [{"metrics": list(found)}]}]}


def points(*found: Json) -> list[Json]:
    return [{"startTimeUnixNano": str(START), "timeUnixNano": str(START + SECOND), **point} for point in found]
