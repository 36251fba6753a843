"""Published OTLP files, some of them real, read and loaded; every value is decoded again from the files with json.

The files lie outside the project and are not part of it; without them these tests are skipped.
"""

from __future__ import annotations

import base64
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dlt_pipelines.identifiers import Pseudonymizer
from dlt_pipelines.otel.otlp import parse_lines
from dlt_pipelines.otel.tables import DATASET
from dlt_pipelines.otel.trace_file import FileRead, TraceFile
from dlt_pipelines.pipelines import Warehouse
from dlt_pipelines.reports import connect
from tests.end_to_end.workbench import PROJECT

EXAMPLES = PROJECT.parent / "shared" / "data" / "otel" / "examples"

pytestmark = pytest.mark.skipif(not EXAMPLES.is_dir(), reason=f"there are no example files in {EXAMPLES}")

Json = dict[str, Any]

NO_START = "a span without startTimeUnixNano"
BROKEN = "not valid JSON (cut off or damaged)"
NO_OTLP = "not OTLP: no resourceSpans, resourceLogs, resourceMetrics"
NO_TRACE_ID = "traceId is neither 32 hex digits nor base64 of 16 bytes"
# The convention calls an id of zeros invalid; its spans would all be one.
ZEROS = "traceId is all zeros"

# Every file: spans that are loaded, and the lines of which something is refused, with the reason.
EXPECTED: dict[str, tuple[int, dict[int, str]]] = {
    "opentelemetry-proto/trace.json": (1, {}),
    "opentelemetry-proto/logs.json": (0, {}),
    "opentelemetry-proto/events.json": (0, {}),
    "opentelemetry-proto/metrics.json": (0, {}),
    "vs-copilot-agentsview/sample-1_VSGitHubCopilot_traces.jsonl": (4, {}),
    "vs-copilot-agentsview/sample-2_VSGitHubCopilot_traces.jsonl": (4, {}),
    "vs-copilot-agentsview/sample-3_VSGitHubCopilot_traces.jsonl": (3, {}),
    "vs-copilot-agentsview/sample-4_VSGitHubCopilot_traces.jsonl": (5, {}),
    "duckdb-otlp/traces_simple.jsonl": (3, {}),
    "duckdb-otlp/multifile_valid_traces.jsonl": (1, {}),
    "duckdb-otlp/multifile_malformed_traces.jsonl": (0, {1: BROKEN}),
    # Its third line is well formed, with ids of three characters.
    "duckdb-otlp/malformed.jsonl": (0, {1: NO_OTLP, 2: BROKEN, 3: NO_TRACE_ID, 4: BROKEN}),
    # Spans of which nobody knows when they were cannot be put into any week.
    "duckdb-otlp/single_trace.jsonl": (0, {1: NO_START}),
    "duckdb-otlp/traces_nulls.jsonl": (0, {1: NO_START, 2: NO_START, 3: NO_START}),
    "duckdb-otlp/traces_large_attrs.jsonl": (0, {1: NO_START}),
    "duckdb-otlp/traces_deep_nesting.jsonl": (0, {1: NO_START}),
    "duckdb-otlp/whitespace.jsonl": (0, {}),
    "duckdb-otlp/empty.jsonl": (0, {}),
    "duckdb-otlp/logs_simple.jsonl": (0, {}),
    "duckdb-otlp/metrics_simple.jsonl": (0, {}),
    "duckdb-otlp/metrics_all_types.jsonl": (0, {}),
    "otlp2parquet/trace.json": (2, {}),
    "otlp2parquet/traces.jsonl": (19, {}),
    "otlp2parquet/invalid/malformed.json": (0, {1: BROKEN}),
    "otlp2parquet/invalid/trace_invalid_base64.json": (0, {1: NO_TRACE_ID}),
    "otlp2parquet/invalid/trace_mixed_encoding.json": (0, {1: NO_TRACE_ID}),
    # A kind that nobody knows tells nothing of use, and its span is read without one.
    "otlp2parquet/invalid/trace_invalid_kind.json": (1, {}),
    "otlp2pipeline/sample_otlp.json": (0, {}),
    "otlp2pipeline/sample_otlp_traces.json": (1, {}),
    "otlp2pipeline/sample_otlp_metrics.json": (0, {}),
    "langwatch/claude_code.json": (0, {1: ZEROS}),
    "langwatch/claude_cowork.json": (0, {1: ZEROS}),
    "langwatch/cursor.json": (0, {1: ZEROS}),
    "langwatch/raw_otlp_advanced.json": (0, {1: ZEROS}),
}
WORDS = ("internal", "server", "client", "producer", "consumer")
KINDS: dict[int | str, str] = {
    **dict(enumerate(WORDS, 1)),
    **{f"SPAN_KIND_{word.upper()}": word for word in WORDS},
}
STATUSES = {0: "unset", 1: "ok", 2: "error"}


@dataclass(frozen=True)
class Loaded:
    """The readings of all files by name, and the warehouse."""

    reads: dict[str, FileRead]
    path: Path

    def spans(self, name: str) -> list[Json]:
        with duckdb.connect(str(self.path), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            found = connection.execute("select * from raw_otel.spans where report_load_key = ?", [name])
            columns = [description[0] for description in found.description]
            return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    path = tmp_path_factory.mktemp("otel_examples") / "examples.duckdb"
    names = sorted(str(file.relative_to(EXAMPLES)) for file in EXAMPLES.rglob("*.json*"))
    reads = [FileRead(TraceFile(EXAMPLES / name, name, name)) for name in names]
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("AGENT_SPEND_WAREHOUSE", str(path))
        warehouse = Warehouse()
        with warehouse.run(DATASET), connect(warehouse.spool) as connection:
            pseudonymizer = Pseudonymizer("a pseudonym key for example files")
            warehouse.load(DATASET, parse_lines(connection, reads, pseudonymizer, warehouse.rejected))
        yield Loaded({read.file.name: read for read in reads}, path)


def test_every_file_is_among_the_expected(loaded: Loaded) -> None:
    assert set(loaded.reads) == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_what_is_read_and_what_is_refused(loaded: Loaded, name: str) -> None:
    spans, refused = EXPECTED[name]
    read = loaded.reads[name]
    assert len(loaded.spans(name)) == read.spans == spans
    assert {problem.line_number: problem.reason for problem in read.problems} == refused
    assert read.bad_lines == len(refused)
    assert (read.kept_lines is not None) == bool(refused)


@pytest.mark.parametrize("name", [name for name, (spans, _) in EXPECTED.items() if spans])
def test_every_span_is_that_of_the_file(loaded: Loaded, name: str) -> None:
    columns = (
        *("trace_id", "span_id", "parent_span_id", "span_name", "span_kind", "status_code", "duration_ns"),
        *("started_at", "ended_at", "service_name", "service_version", "scope_name", "scope_version"),
        *("operation_name", "provider_name", "request_model", "response_model", "session_id", "agent_name"),
        *("tool_name", "tool_call_id", "initiator", "input_tokens", "output_tokens", "reported_cost"),
    )
    found = Counter(tuple(row[column] for column in columns) for row in loaded.spans(name))
    assert found == Counter(decoded(name))


def test_the_real_traces_have_no_tokens_and_no_cost(loaded: Loaded) -> None:
    real = [row for name in EXPECTED if name.startswith("vs-copilot") for row in loaded.spans(name)]
    assert len(real) == 16
    assert {(row["input_tokens"], row["output_tokens"], row["reported_cost"], row["nano_aiu"]) for row in real} == {
        (None, None, None, None)
    }
    assert Counter(row["operation_name"] for row in real) == {"invoke_agent": 5, "execute_tool": 11}
    assert {row["request_model"] for row in real if row["operation_name"] == "invoke_agent"} == {"gpt-5.5"}
    assert {json.loads(row["extra"]).get("copilot_chat.turn_count") for row in real} == {"1", None}


def test_logs_and_metrics_of_no_agent_are_counted_and_left_out(loaded: Loaded) -> None:
    ignored = {name: (read.ignored_events, read.ignored_points) for name, read in loaded.reads.items()}
    assert {name: counts for name, counts in ignored.items() if any(counts)} == {
        "opentelemetry-proto/logs.json": (1, 0),
        "opentelemetry-proto/events.json": (1, 0),
        "opentelemetry-proto/metrics.json": (0, 4),
        # Events on spans.
        "otlp2parquet/traces.jsonl": (6, 0),
        "otlp2pipeline/sample_otlp_traces.json": (1, 0),
        "duckdb-otlp/logs_simple.jsonl": (3, 0),
        "duckdb-otlp/metrics_simple.jsonl": (0, 3),
        "duckdb-otlp/metrics_all_types.jsonl": (0, 5),
        "otlp2pipeline/sample_otlp.json": (1, 0),
        "otlp2pipeline/sample_otlp_metrics.json": (0, 3),
    }


def test_kept_lines_are_those_that_were_refused(loaded: Loaded) -> None:
    name = "duckdb-otlp/malformed.jsonl"
    kept = loaded.reads[name].kept_lines
    assert kept is not None
    assert sorted(kept.read_bytes().splitlines()) == sorted((EXAMPLES / name).read_bytes().splitlines())


def decoded(name: str) -> Iterator[tuple[Any, ...]]:
    """The spans of a file as json has them, in the columns' order."""
    text = (EXAMPLES / name).read_text()
    documents = [json.loads(line) for line in text.splitlines()] if name.endswith("l") else [json.loads(text)]
    for document in documents:
        for of_resource in document["resourceSpans"]:
            resource = flat(of_resource["resource"].get("attributes", []))
            for of_scope in of_resource["scopeSpans"]:
                scope = of_scope.get("scope", {})
                for span in of_scope["spans"]:
                    yield decoded_span(span, resource, scope)


def decoded_span(span: Json, resource: dict[str, str], scope: Json) -> tuple[Any, ...]:
    own: dict[str, str | None] = defaultdict(lambda: None, flat(span.get("attributes", [])))
    started, ended = int(span["startTimeUnixNano"]), int(span["endTimeUnixNano"])
    return (
        hex_id(span["traceId"], 16),
        hex_id(span["spanId"], 8),
        hex_id(span["parentSpanId"], 8) if span.get("parentSpanId") else None,
        span["name"],
        KINDS.get(span.get("kind", 0)),
        STATUSES[span.get("status", {}).get("code", 0)],
        ended - started,
        moment(started),
        moment(ended),
        resource.get("service.name"),
        resource.get("service.version"),
        scope.get("name"),
        scope.get("version"),
        *(own[f"gen_ai.{attribute}"] for attribute in ("operation.name", "provider.name", "request.model")),
        *(own[f"gen_ai.{attribute}"] for attribute in ("response.model", "conversation.id", "agent.name")),
        own["gen_ai.tool.name"],
        own["gen_ai.tool.call.id"] or own["gen_ai.tool.call_id"],
        own["copilot_chat.initiator_type"],
        own["gen_ai.usage.input_tokens"],
        own["gen_ai.usage.output_tokens"],
        None,
    )


def hex_id(written: str, size: int) -> str:
    return written.lower() if len(written) == 2 * size else base64.b64decode(written).hex()


def moment(nanoseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=nanoseconds // 1000)


def flat(listed: list[Json]) -> dict[str, str]:
    return {item["key"]: next(iter(item["value"].values())) for item in listed}
