"""A folder of traces, a warehouse of its own, and builders of lines in the forms that agents and collectors write."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from dlt_pipelines import extraction
from dlt_pipelines.otel import otlp
from dlt_pipelines.outcome import Outcome
from tests.dlt_pipelines.pseudonyms import KEY

START = 1_790_000_000
# Older than any run: what was not touched since it was read need not be opened.
LONG_AGO = 1_700_000_000
PROTOBUF = b"\x0a\x85\x02\x0a\x24\x0a\x22\x0a\x0cservice.name\x12\x12\x0a\x10claude-code\x00\x01"


@dataclass
class Bench:
    """Files can be written between runs, which read what is new."""

    folder: Path
    warehouse: Path

    @property
    def rejected(self) -> Path:
        return self.warehouse.parent / ".extract" / "w" / "rejected"

    def write(self, name: str, content: str | bytes) -> Path:
        """Writes a file, with its folders."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        os.utime(path, (LONG_AGO, LONG_AGO))
        return path

    def append(self, name: str, content: str | bytes) -> Path:
        """Writes on at the end of a file."""
        return self.write(
            name, (self.folder / name).read_bytes() + (content.encode() if isinstance(content, str) else content)
        )

    def extract(self) -> Outcome:
        return extraction.extract(["otel"])

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        if not self.warehouse.exists():
            return []
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def names(self) -> list[str]:
        """The names of the spans that count, those of double deliveries as often as they came."""
        try:
            rows = self.rows(f"select span_name from {self.counted('spans')} order by span_name")
        except duckdb.CatalogException:  # nothing was ever loaded
            return []
        return [name for (name,) in rows]

    @staticmethod
    def counted(table: str) -> str:
        """A sub-query with the rows of a raw table that count."""
        return f"""(
            select * from raw_otel.{table}
            where report_load_key in (select report_load_key from raw_otel.report_loads where status = 'loaded')
        )"""

    def readings(self) -> list[tuple[str, int, int]]:
        """Each reading that counts: of which file, from where to where."""
        return self.rows(f"select source_file, bytes_from, bytes_to from {self.counted('file_readings')} order by all")


@pytest.fixture(name="bench")
def otel_bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """An empty folder, and no warehouse yet."""
    bench = Bench(tmp_path / "traces", tmp_path / "w.duckdb")
    bench.folder.mkdir()
    monkeypatch.setenv("AGENT_SPEND_WAREHOUSE", str(bench.warehouse))
    monkeypatch.setenv("AGENT_SPEND_PSEUDONYM_KEY", KEY)
    monkeypatch.setenv("SOURCES__OTEL__BUCKET_URL", str(bench.folder))
    return bench


def span(number: int, name: str | None = None, **attributes: str) -> dict[str, Any]:
    """An OTLP request with one span."""
    listed = [{"key": key.replace("__", "."), "value": {"stringValue": value}} for key, value in attributes.items()]
    one = {
        "traceId": f"{number + 1:032x}",
        "spanId": f"{number + 1:016x}",
        "name": name or f"span {number:05}",
        "kind": 3,
        "startTimeUnixNano": str((START + number) * 1_000_000_000),
        "endTimeUnixNano": str((START + number + 1) * 1_000_000_000),
        "attributes": listed,
    }
    service = {"attributes": [{"key": "service.name", "value": {"stringValue": "test-agent"}}]}
    return {"resourceSpans": [{"resource": service, "scopeSpans": [{"scope": {"name": "test"}, "spans": [one]}]}]}


def lines(numbers: Sequence[int]) -> str:
    """OTLP JSON lines of one span each."""
    return "".join(json.dumps(span(number), separators=(",", ":")) + "\n" for number in numbers)


def names(numbers: Sequence[int]) -> list[str]:
    """What Bench.names gives for these."""
    return [f"span {number:05}" for number in numbers]


def zstd(content: str) -> bytes:
    return bytes(pa.compress(content.encode(), codec="zstd", asbytes=True))


def framed(messages: list[str]) -> bytes:
    """As the collector's file exporter writes with compression: each message packed, its length before it."""
    return b"".join(len(packed := zstd(message)).to_bytes(4, "big") + packed for message in messages)


def refusing_reader(pattern: str, error: Exception | None = None) -> Callable[..., Any]:
    """A reader that fails over what some parts hold, as DuckDB does over a value: after it has handed out rows.

    No value is known that DuckDB itself fails over at a bearable size: a text of 100 KB in the resource of 20,000 spans
    is too much for Arrow.
    """
    refused = re.compile(pattern.encode())

    def read(connection: Any, reads: Any, *arguments: Any, **named: Any) -> Any:
        yield from otlp.parse_lines(connection, reads, *arguments, **named)
        if refused.search(b"".join(one.file.path.read_bytes() for one in reads)):
            raise error or duckdb.ConversionException("a value")

    return read
