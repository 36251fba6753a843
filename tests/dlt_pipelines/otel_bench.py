"""A folder of traces, a warehouse of its own, and builders of lines in the forms that agents and collectors write."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dlt_pipelines import extraction
from dlt_pipelines.outcome import Outcome

KEY = "a pseudonym key for tests, long enough"
START = 1_790_000_000
# Older than any run: what was not touched since it was read need not be opened.
LONG_AGO = 1_700_000_000


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
