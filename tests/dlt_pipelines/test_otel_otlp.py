"""OTLP lines in every tolerated form, refused records, precedence of attribute names, and what is never loaded."""

from __future__ import annotations

import gzip
import hashlib
import json
import stat
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from dlt_pipelines.identifiers import Pseudonymizer
from dlt_pipelines.otel import lines as otel_lines
from dlt_pipelines.otel.attributes import attribute_names
from dlt_pipelines.otel.otlp import file_reads, parse_lines
from dlt_pipelines.otel.tables import DATASET, EVENTS, METRIC_POINTS, SPANS
from dlt_pipelines.otel.trace_file import FileRead, TraceFile
from dlt_pipelines.reports import connect
from dlt_pipelines.schema import ARROW_TYPES

KEY = "a pseudonym key for tests, long enough"
TRACE, SPAN = "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174"
# 2026-09-01 00:00:00 UTC.
START = 1_788_220_800_000_000_000
SECOND = 10**9

Json = dict[str, Any]
Row = dict[str, Any]


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
        self.reads = file_reads(files)
        with connect(spool) as connection:
            for table, batch in parse_lines(
                connection, self.reads, Pseudonymizer(KEY), rejected, keep_content=keep_content
            ):
                found[table] += batch.to_pylist()
        self.rows = dict(found)
        return self

    def write(self, content: bytes | str, name: str = "traces.jsonl", **options: Any) -> TraceFile:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return TraceFile(path, name, f"load of {name}", **options)

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


# --- ids, times, words ---


@pytest.mark.parametrize(
    ("trace", "span_id"),
    [
        ("5B8EFFF798038103D269B633813FC60C", "EEE19B7EC3C1B174"),
        ("5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174"),
        ("W47/95gDgQPSabYzgT/GDA==", "7uGbfsPBsXQ="),
        ("W47_95gDgQPSabYzgT_GDA", "7uGbfsPBsXQ"),
    ],
    ids=["upper hex", "lower hex", "base64", "base64 of addresses"],
)
def test_ids_are_lower_hex_however_they_are_written(reader: Reader, trace: str, span_id: str) -> None:
    reader.lines(traces(span(traceId=trace, spanId=span_id, parentSpanId=span_id)))
    assert (reader.span["trace_id"], reader.span["span_id"], reader.span["parent_span_id"]) == (TRACE, SPAN, SPAN)


NEITHER_TRACE = "traceId is neither 32 hex digits nor base64 of 16 bytes"
NEITHER_SPAN = "spanId is neither 16 hex digits nor base64 of 8 bytes"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"traceId": "ABC"}, NEITHER_TRACE),
        ({"traceId": TRACE + "00"}, NEITHER_TRACE),
        ({"traceId": "!!!INVALID_BASE64!!!"}, NEITHER_TRACE),
        ({"traceId": ""}, "a span without traceId"),
        ({"traceId": None}, "a span without traceId"),
        ({"traceId": "0" * 32}, "traceId is all zeros"),
        ({"spanId": "DEF"}, NEITHER_SPAN),
        ({"spanId": "INVALID=="}, NEITHER_SPAN),
        ({"spanId": None}, "a span without spanId"),
        ({"spanId": "0" * 16}, "spanId is all zeros"),
        ({"parentSpanId": "abc"}, "parentSpanId is neither 16 hex digits nor base64 of 8 bytes"),
        ({"startTimeUnixNano": None}, "a span without startTimeUnixNano"),
        ({"startTimeUnixNano": "0"}, "a span without startTimeUnixNano"),
        ({"startTimeUnixNano": "yesterday"}, "a span without startTimeUnixNano"),
    ],
)
def test_a_span_that_cannot_be_told_is_refused_and_its_neighbours_load(
    reader: Reader, fields: Json, reason: str
) -> None:
    reader.lines(traces(span()), traces(span(**fields), span(spanId="a" * 16)))
    assert {row["span_id"] for row in reader.table("spans")} == {SPAN, "a" * 16}
    assert reader.problems == [(2, reason)]
    (read,) = reader.reads
    assert (read.lines, read.bad_lines, read.spans) == (2, 1, 2)


@pytest.mark.parametrize("parent", [None, "", "0" * 16])
def test_a_root_has_no_parent(reader: Reader, parent: str | None) -> None:
    assert reader.lines(traces(span(parentSpanId=parent))).span["parent_span_id"] is None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (None, None),
        (0, None),
        (1, "internal"),
        (2, "server"),
        ("3", "client"),
        ("SPAN_KIND_PRODUCER", "producer"),
        ("span_kind_consumer", "consumer"),
        ("SPAN_KIND_INVALID_TYPE", None),
    ],
)
def test_kinds_are_numbers_or_names(reader: Reader, written: Any, expected: str | None) -> None:
    assert reader.lines(traces(span(kind=written))).span["span_kind"] == expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (None, "unset"),
        ({}, "unset"),
        ({"code": 0}, "unset"),
        ({"code": 1}, "ok"),
        ({"code": "STATUS_CODE_ERROR", "message": "somebody's words"}, "error"),
    ],
)
def test_statuses_are_numbers_or_names(reader: Reader, status: Any, expected: str) -> None:
    assert reader.lines(traces(span(status=status))).span["status_code"] == expected


def test_times_are_text_or_numbers_and_durations_keep_their_nanoseconds(reader: Reader) -> None:
    reader.lines(traces(span(startTimeUnixNano=START + 1_999, endTimeUnixNano=str(START + SECOND + 5))))
    assert reader.span["started_at"] == datetime(2026, 9, 1, 0, 0, 0, 1, tzinfo=UTC)
    assert reader.span["ended_at"] == datetime(2026, 9, 1, 0, 0, 1, tzinfo=UTC)
    assert reader.span["duration_ns"] == SECOND + 5 - 1_999


@pytest.mark.parametrize("ended", [None, "0"])
def test_a_span_that_was_not_ended_loads_without_an_end(reader: Reader, ended: str | None) -> None:
    reader.lines(traces(span(endTimeUnixNano=ended)))
    assert (reader.span["ended_at"], reader.span["duration_ns"]) == (None, None)


# --- values ---


@pytest.mark.parametrize(
    "written",
    [
        {"intValue": "6466"},
        {"intValue": 6466},
        {"stringValue": "6466"},
        {"doubleValue": 6466},
        {"doubleValue": 6466.0},
    ],
)
def test_a_number_is_read_however_it_is_written(reader: Reader, written: Json) -> None:
    assert reader.lines(traces(span({"gen_ai.usage.output_tokens": written}))).span["output_tokens"] == 6466


def test_the_largest_number_keeps_its_digits(reader: Reader) -> None:
    row = reader.lines(traces(span({"github.copilot.nano_aiu": {"intValue": "9007199254740993"}}))).span
    assert row["nano_aiu"] == 9007199254740993


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"doubleValue": 0.0421}, "0.0421"),
        ({"doubleValue": 2}, "2"),
        ({"doubleValue": 1.5e-7}, "0.00000015"),
        ({"stringValue": "0.123456789"}, "0.123456789"),
    ],
)
def test_money_keeps_its_digits(reader: Reader, written: Json, expected: str) -> None:
    row = reader.lines(traces(span({"gen_ai.usage.cost": written}))).span
    assert row["reported_cost"] == Decimal(expected)


def test_what_is_no_number_is_unknown(reader: Reader) -> None:
    row = reader.lines(traces(span({"gen_ai.usage.input_tokens": "many", "gen_ai.usage.cost": "free"}))).span
    names = ("input_tokens", "input_tokens_attribute", "reported_cost", "reported_cost_attribute")
    assert [row[name] for name in names] == [None] * 4


def test_arrays_become_lists_and_objects_are_no_property(reader: Reader) -> None:
    reasons = {"arrayValue": {"values": [{"stringValue": "stop"}, {"stringValue": "length"}]}}
    nested = {"kvlistValue": {"values": [{"key": "a", "value": {"intValue": "1"}}]}}
    row = reader.lines(traces(span({"gen_ai.response.finish_reasons": reasons, "vendor.thing": nested}))).span
    assert row["finish_reason"] == "stop,length"
    assert row["extra"] is None


def test_unknown_fields_are_passed_over(reader: Reader) -> None:
    document = traces(
        span(flags=257, traceState="", links=[{"traceId": "x"}], droppedAttributesCount=7, later={"a": 1})
    )
    assert reader.lines({**document, "schemaUrl": "https://example.com"}).span["span_name"] == "chat"


def test_an_attribute_that_is_there_twice_counts_once(reader: Reader) -> None:
    twice = attributes({"gen_ai.usage.output_tokens": 5}) + attributes({"gen_ai.usage.output_tokens": 7})
    assert reader.lines(traces(span(attributes=twice))).span["output_tokens"] == 5


# --- lines and files ---


def test_one_line_holds_many_resources_scopes_and_spans(reader: Reader) -> None:
    one = traces(span(spanId="1" * 16), span(spanId="2" * 16), resource={"service.name": "a"})
    other = traces(span(spanId="3" * 16), resource={"service.name": "b"}, scope={"name": "second", "version": "2"})
    one["resourceSpans"][0]["scopeSpans"].append({"scope": {"name": "third"}, "spans": [span(spanId="4" * 16)]})
    reader.lines({"resourceSpans": one["resourceSpans"] + other["resourceSpans"]})
    found = {
        (row["span_id"][0], row["service_name"], row["scope_name"], row["scope_version"])
        for row in reader.table("spans")
    }
    assert found == {
        ("1", "a", None, None),
        ("2", "a", None, None),
        ("4", "a", "third", None),
        ("3", "b", "second", "2"),
    }
    assert reader.reads[0].spans == 4


def test_a_line_may_hold_every_signal(reader: Reader) -> None:
    point = {"timeUnixNano": str(START), "asInt": "3"}
    metric = {"name": "claude_code.commit.count", "sum": {"dataPoints": [point], "aggregationTemporality": 1}}
    event = log({"event.name": "gen_ai.evaluation.result"})
    reader.lines({**traces(span()), **logs(event), **metrics(metric)})
    assert {name: len(rows) for name, rows in reader.rows.items()} == {"spans": 1, "events": 1, "metric_points": 1}
    assert reader.reads[0].signals == {"traces", "logs", "metrics"}


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_file_that_is_one_document_over_many_lines(reader: Reader, end: str) -> None:
    text = json.dumps(traces(span({"gen_ai.usage.output_tokens": 7})), indent=2) + end
    reader.read(reader.write(text))
    assert reader.span["output_tokens"] == 7
    (read,) = reader.reads
    assert (read.lines, read.bad_lines, read.bytes_to) == (1, 0, len(text))


def test_documents_over_many_lines_are_told_by_the_line_they_begin_on(reader: Reader) -> None:
    good, bad = json.dumps(traces(span()), indent=1), json.dumps(traces(span(traceId="no")), indent=1)
    reader.read(reader.write(f"{good}\n\n{bad}\n"))
    assert reader.problems == [(good.count("\n") + 3, NEITHER_TRACE)]
    assert len(reader.table("spans")) == 1


def test_an_array_of_requests(reader: Reader) -> None:
    reader.read(reader.write(json.dumps([traces(span()), traces(span(spanId="a" * 16))], indent=2)))
    assert {row["span_id"] for row in reader.table("spans")} == {SPAN, "a" * 16}
    assert len(reader.table("spans")) == 2


def test_documents_that_begin_on_one_line(reader: Reader) -> None:
    first, second = json.dumps(traces(span()), indent=2), json.dumps(traces(span(spanId="a" * 16)), indent=2)
    reader.read(reader.write(f"{first}{second}"))
    assert {row["span_id"] for row in reader.table("spans")} == {SPAN, "a" * 16}


def test_blank_lines_line_ends_and_a_byte_order_mark_are_nothing(reader: Reader) -> None:
    line = json.dumps(traces(span())).encode()
    reader.read(reader.write(b"\xef\xbb\xbf" + line + b"\r\n\r\n  \t\n" + line + b"\n"))
    assert len(reader.table("spans")) == 2
    assert (reader.reads[0].lines, reader.reads[0].bad_lines) == (2, 0)


def test_good_lines_of_a_bad_file_load_and_bad_ones_are_told_and_kept_aside(reader: Reader) -> None:
    good = json.dumps(traces(span())).encode()
    bad = [b'{"resourceSpans": [{"secret prompt', b'{"hello": "secret"}', b"\xff\xfe secret", b'"secret"']
    reader.read(reader.write(b"\n".join([good, *bad, good])))
    assert len(reader.table("spans")) == 2
    broken, other = "not valid JSON (cut off or damaged)", "not OTLP: no resourceSpans, resourceLogs, resourceMetrics"
    assert reader.problems == [(2, broken), (3, other), (4, "not UTF-8"), (5, other)]
    (read,) = reader.reads
    assert (read.lines, read.bad_lines) == (6, 4)
    assert read.kept_lines is not None
    assert read.kept_lines.parent == reader.folder / "rejected"
    assert sorted(read.kept_lines.read_bytes().splitlines()) == sorted(bad)
    assert stat.S_IMODE(read.kept_lines.stat().st_mode) == 0o600


def test_the_line_of_a_refused_span_is_kept_aside_too(reader: Reader) -> None:
    line = json.dumps(traces(span(traceId="short"), span()))
    reader.read(reader.write(line + "\n"))
    assert reader.reads[0].kept_lines is not None
    assert reader.reads[0].kept_lines.read_text() == line + "\n"


def test_a_bad_line_of_one_file_costs_no_other_file_anything(reader: Reader) -> None:
    good = json.dumps(traces(span())) + "\n"
    reader.read(reader.write("{broken\n", "a.jsonl"), reader.write(good, "b.jsonl"))
    assert [(read.bad_lines, read.spans) for read in reader.reads] == [(1, 0), (0, 1)]
    assert reader.span["report_load_key"] == "load of b.jsonl"


def test_a_line_that_is_still_being_written_is_left_for_the_next_reading(reader: Reader) -> None:
    line = json.dumps(traces(span()))
    file = reader.write(f"{line}\n{line[:50]}", is_complete=False)
    (read,) = reader.read(file).reads
    assert (read.spans, read.bad_lines, read.bytes_to, read.next_line) == (1, 0, len(line) + 1, 2)
    rest = reader.write(f"{line}\n{line}\n{{bad\n", is_complete=False, offset=read.bytes_to, first_line=read.next_line)
    (read,) = reader.read(rest).reads
    assert (read.spans, read.next_line, reader.problems) == (1, 4, [(3, "not valid JSON (cut off or damaged)")])


def test_a_whole_last_line_without_its_end_is_read_once(reader: Reader) -> None:
    line = json.dumps(traces(span()))
    (read,) = reader.read(reader.write(f"{line}\n{line}", is_complete=False)).reads
    assert (read.spans, read.bytes_to) == (2, 2 * len(line) + 1)
    rest = reader.write(f"{line}\n{line}\n{line}\nbad\n", offset=read.bytes_to, first_line=read.next_line)
    (read,) = reader.read(rest).reads
    assert (read.spans, reader.problems) == (1, [(4, "not valid JSON (cut off or damaged)")])


def test_the_last_line_of_a_file_that_is_complete_must_be_whole(reader: Reader) -> None:
    line = json.dumps(traces(span()))
    reader.read(reader.write(f"{line}\n{line[:50]}"))
    assert reader.problems == [(2, "not valid JSON (cut off or damaged)")]


def test_parts_of_a_file_give_what_the_whole_gives(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = [json.dumps(traces(span(spanId=f"{number:016x}"))) + "\n" for number in range(1, 41)]
    text, cut = "".join(documents), sum(len(line) for line in documents[:17])
    whole = {row["span_id"] for row in reader.read(reader.write(text)).table("spans")}
    # The least number of bytes that still lets a line in: every chunk is one line.
    monkeypatch.setattr(otel_lines, "CHUNK_BYTES", 64)
    parts = [
        reader.write(text, length=cut),
        reader.write(text, offset=cut, first_line=18),
    ]
    found = [row["span_id"] for part in parts for row in reader.read(part).table("spans")]
    assert len(whole) == 40
    assert sorted(found) == sorted(whole)
    assert (reader.reads[0].bytes_to, reader.reads[0].next_line) == (len(text), 41)


@pytest.mark.parametrize("packing", ["gzip", "zstd"])
def test_packed_files(reader: Reader, packing: Any) -> None:
    line = (json.dumps(traces(span())) + "\n").encode()
    # Two streams one after the other, as whoever appends to a packed file leaves them.
    pack = gzip.compress if packing == "gzip" else lambda data: pa.compress(data, codec="zstd", asbytes=True)
    reader.read(reader.write(pack(line) + pack(line), "traces.packed", packing=packing))
    assert len(reader.table("spans")) == 2
    reader.read(reader.write(pack(line + line), "traces.packed", packing=packing, offset=len(line), first_line=2))
    assert len(reader.table("spans")) == 1
    assert reader.reads[0].bytes_to == 2 * len(line)


def test_a_line_that_is_too_long_is_refused_and_those_around_it_load(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(otel_lines, "CHUNK_BYTES", 1 << 10)
    monkeypatch.setattr(otel_lines, "LONGEST_LINE", 1 << 12)
    short, long = json.dumps(traces(span())), json.dumps(traces(span({"x": "y" * 10_000})))
    text = f"{short}\n{long}\n{short}\n{{bad\n"
    (read,) = reader.read(reader.write(text)).reads
    assert len(reader.table("spans")) == 2
    assert [number for number, _ in reader.problems] == [2, 4]
    assert (read.lines, read.bytes_to) == (4, len(text))


def test_every_row_has_its_own_number(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(otel_lines, "CHUNK_BYTES", 256)
    reader.lines(*[traces(span(), span()) for _ in range(10)])
    assert sorted(row["record_ordinal"] for row in reader.table("spans")) == list(range(1, 21))


# --- attributes ---


@pytest.mark.parametrize(
    ("values", "column", "expected"),
    [
        ({"gen_ai.system": "anthropic"}, "provider_name", "anthropic"),
        ({"gen_ai.system": "old", "gen_ai.provider.name": "new"}, "provider_name", "new"),
        ({"model": "claude-opus-4-5"}, "request_model", "claude-opus-4-5"),
        ({"gen_ai.usage.prompt_tokens": 9}, "input_tokens", 9),
        ({"gen_ai.usage.prompt_tokens": 9}, "input_tokens_attribute", "gen_ai.usage.prompt_tokens"),
        ({"input_tokens": 8, "gen_ai.usage.input_tokens": 9}, "input_tokens", 9),
        ({"input_tokens": 8, "gen_ai.usage.input_tokens": 9}, "input_tokens_attribute", "gen_ai.usage.input_tokens"),
        ({"input_tokens": 8}, "input_tokens_attribute", "input_tokens"),
        ({"gen_ai.usage.input_tokens": "?", "input_tokens": 8}, "input_tokens_attribute", "input_tokens"),
        ({"gen_ai.usage.cache_creation.input_tokens": 4}, "cache_write_tokens", 4),
        (
            {"gen_ai.usage.cache_creation.input_tokens": 4, "gen_ai.usage.cache_write.input_tokens": 5},
            "cache_write_tokens",
            5,
        ),
        ({"cache_creation_tokens": 6}, "cache_write_tokens", 6),
        ({"anthropic.usage.cache_creation.ephemeral_1h_input_tokens": 7}, "cache_write_1h_tokens", 7),
        ({"agent_spend.usage.cache_write_5m.input_tokens": 7}, "cache_write_5m_tokens", 7),
        ({"gen_ai.usage.cache_read_input_tokens": 3}, "cache_read_tokens", 3),
        ({"codex.turn.token_usage.reasoning_output_tokens": 2}, "reasoning_tokens", 2),
        ({"session.id": "s", "gen_ai.conversation.id": "c"}, "session_id", "c"),
        ({"thread.id": "t"}, "session_id", "t"),
        ({"gen_ai.conversation.id": "", "session.id": "s"}, "session_id", "s"),
        ({"exgentic.session.task_id": "t"}, "task_id", "t"),
        ({"workflow.name": "custom"}, "workflow_name", "custom"),
        ({"tool_use_id": "toolu_1"}, "tool_call_id", "toolu_1"),
        ({"success": True}, "is_success", True),
        ({"success": "false"}, "is_success", False),
        ({"attempt": "2"}, "attempt", 2),
        ({"stop_reason": "end_turn"}, "finish_reason", "end_turn"),
        ({"vcs.change.state": "MERGED"}, "change_state", "merged"),
        ({"cicd.pipeline.result": "success"}, "pipeline_result", "success"),
        ({"github.copilot.git.commit_sha": "abc"}, "commit_sha", "abc"),
        ({"github.copilot.aiu": 1.5}, "nano_aiu", 1_500_000_000),
        ({"tool_result_size_bytes": "12"}, "output_bytes", 12),
    ],
)
def test_names_of_every_generation_fill_their_columns(reader: Reader, values: Json, column: str, expected: Any) -> None:
    assert reader.lines(traces(span(values))).span[column] == expected


@pytest.mark.parametrize(
    ("values", "cost", "currency", "source", "name"),
    [
        (
            {
                "gen_ai.usage.cost.amount": 0.5,
                "gen_ai.usage.cost.currency": "eur",
                "gen_ai.usage.cost.source": "provider",
            },
            *("0.5", "EUR", "provider", "gen_ai.usage.cost.amount"),
        ),
        ({"gen_ai.usage.cost.amount": 0.5}, "0.5", None, None, "gen_ai.usage.cost.amount"),
        ({"cost_usd": "0.0125"}, "0.0125", "USD", "local", "cost_usd"),
        ({"cost_usd_micros": 1234}, "0.001234", "USD", "local", "cost_usd_micros"),
        ({"llm.cost.total": 0.25, "operation.cost": 0.5}, "0.25", "USD", "local", "llm.cost.total"),
        ({"gen_ai.usage.total_cost": 0.75}, "0.75", "USD", "local", "gen_ai.usage.total_cost"),
    ],
)
def test_reported_cost_and_where_it_was_read(
    reader: Reader, values: Json, cost: str, currency: str | None, source: str | None, name: str
) -> None:
    row = reader.lines(traces(span(values))).span
    assert row["reported_cost"] == Decimal(cost)
    assert (row["reported_cost_currency"], row["reported_cost_source"], row["reported_cost_attribute"]) == (
        *(currency, source, name),
    )


def test_github_copilot_cost_is_never_mapped_to_money(reader: Reader) -> None:
    assert "github.copilot.cost" not in {row.attribute_name for row in attribute_names()}
    row = reader.lines(traces(span({"github.copilot.cost": 1, "github.copilot.nano_aiu": 250_000_000}))).span
    assert (row["reported_cost"], row["reported_cost_attribute"], row["nano_aiu"]) == (None, None, 250_000_000)
    assert json.loads(row["extra"]) == {"github.copilot.cost": "1"}


def test_every_name_fills_a_column_that_is_there() -> None:
    columns = {column.name for table in (SPANS, EVENTS, METRIC_POINTS) for column in table.columns}
    assert {row.column_name for row in attribute_names()} - columns == {"repository_owner"}


def test_the_resource_speaks_for_records_that_do_not_speak_for_themselves(reader: Reader) -> None:
    resource = {
        "service.name": "bot",
        "service.version": "2",
        "deployment.environment": "ci",
        "session.id": "from the resource",
        "agent_spend.task.id": "T-1",
        "team": "payments",
        "cost_center": "cc-7",
        "gen_ai.conversation.id": "of the resource",
        "department": "engineering",
    }
    own = span({"session.id": "own", "vendor.flag": "x"}, spanId="1" * 16)
    reader.lines(traces(own, span(spanId="2" * 16), resource=resource))
    first, second = sorted(reader.table("spans"), key=lambda row: row["span_id"])
    assert (first["session_id"], second["session_id"]) == ("own", "of the resource")
    for row in (first, second):
        assert (row["service_name"], row["service_version"], row["deployment_environment"]) == ("bot", "2", "ci")
        assert (row["task_id"], row["team_name"], row["cost_center"]) == ("T-1", "payments", "cc-7")
    assert json.loads(first["extra"]) == {"vendor.flag": "x", "department": "engineering"}
    assert json.loads(second["extra"]) == {"department": "engineering"}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (
            {"vcs.repository.url.full": "https://github.com/Quill-Harbor/Checkout-Demo.git"},
            "quill-harbor/checkout-demo",
        ),
        ({"vcs.repository.url.full": "https://token:x@github.example.com:8443/quill/a/"}, "quill/a"),
        ({"vcs.repository.url.full": "git@github.com:quill/a.git"}, "quill/a"),
        ({"vcs.repository.url.full": "ssh://git@github.com/quill/a"}, "quill/a"),
        ({"vcs.repository.name": "a", "vcs.owner.name": "Quill"}, "quill/a"),
        ({"vcs.repository.name": "quill/a", "vcs.owner.name": "Quill"}, "quill/a"),
        ({"vcs.repository.name": "a"}, None),
        ({"github.copilot.git.repository": "quill/a.js"}, "quill/a.js"),
    ],
)
def test_a_repository_is_owner_and_name(reader: Reader, values: Json, expected: str | None) -> None:
    assert reader.lines(traces(span(values))).span["repository"] == expected


@pytest.mark.parametrize("place", ["file:///home/ada/a", "/home/ada/a", "C:\\Users\\ada\\a"])
def test_a_folder_is_no_repository(reader: Reader, place: str) -> None:
    row = reader.lines(traces(span({"vcs.repository.url.full": place}))).span
    assert (row["repository"], row["extra"]) == (None, None)


def test_more_unknown_names_than_are_looked_up_one_by_one(reader: Reader) -> None:
    values = {f"vendor.n{number}": str(number) for number in range(100)}
    row = reader.lines(traces(span({**values, "vendor.mail": "x", "vendor.at": "a@b.c", "vendor.blank": ""}))).span
    assert json.loads(row["extra"]) == values


# --- people and content ---

TELLING = "TELLING-a7f3"


def test_nothing_that_somebody_wrote_and_no_name_is_loaded(reader: Reader) -> None:
    telling: Json = {
        name: f"{TELLING} {name}"
        for name in (
            *(
                "gen_ai.input.messages",
                "gen_ai.output.messages",
                "gen_ai.prompt",
                "gen_ai.completion",
                "gen_ai.prompt.0.content",
            ),
            *(
                "gen_ai.system_instructions",
                "gen_ai.tool.call.arguments",
                "gen_ai.tool.call.result",
                "gen_ai.tool.definitions",
            ),
            *("input.value", "output.value", "user_prompt", "prompt", "tool_parameters", "tool_input", "full_command"),
            *(
                "error",
                "exception.message",
                "exception.stacktrace",
                "db.query.text",
                "url.full",
                "file_path",
                "host.name",
            ),
            *(
                "user.name",
                "git.author",
                "copilot_chat.reasoning_content",
                "code.function",
                "langfuse.observation.input",
            ),
        )
    }
    telling["vendor.note"] = f"{TELLING}@example.com"
    telling["vendor.place"] = f"/home/{TELLING}/work"
    telling["vendor.object"] = json.dumps({"userName": TELLING})
    telling["vendor.long"] = TELLING * 100
    telling["user.email"] = f"{TELLING}@example.com"
    telling["user.id"] = TELLING
    said = {"stringValue": TELLING}
    reader.lines(
        traces(span(telling, status={"code": 2, "message": TELLING}), resource=telling),
        logs(log({**telling, "event.name": "claude_code.user_prompt"}, body=said), log(telling, body=said)),
        traces(span(events=[{"timeUnixNano": str(START), "name": "exception", "attributes": attributes(telling)}])),
    )
    assert len(reader.table("spans")) == 2
    assert TELLING not in json.dumps(reader.rows, default=str)
    assert TELLING.lower() not in json.dumps(reader.rows, default=str)


def test_the_digest_and_the_size_of_what_was_said_are_kept(reader: Reader) -> None:
    text = "Größe: three lines\nof input"
    row = reader.lines(traces(span({"gen_ai.input.messages": text, "gen_ai.output.messages": "fünf"}))).span
    assert row["content_hash"] == hashlib.sha256(text.encode()).hexdigest()
    assert (row["input_bytes"], row["output_bytes"]) == (len(text.encode()), 5)


def test_content_is_loaded_where_it_is_asked_for(reader: Reader) -> None:
    said = 'please mail a@b.c the "file"\n' + "x" * 500
    document = traces(span({"gen_ai.input.messages": said, "user.name": TELLING}))
    row = reader.lines(document, keep_content=True).span
    assert json.loads(row["extra"]) == {"gen_ai.input.messages": said}
    assert row["input_bytes"] == len(said)


@pytest.mark.parametrize(
    ("values", "namespace", "identifier"),
    [
        ({"user.email": "Ada@Example.com"}, "email", "ada@example.com"),
        ({"user.id": "device-1", "user.email": "ada@example.com"}, "email", "ada@example.com"),
        ({"user.account_id": "user_01BWBeN28abcdefghijklmn"}, "anthropic_user", "user_01bwben28abcdefghijklmn"),
        ({"user.account_uuid": "123e4567"}, "otel_user", "123e4567"),
        ({"enduser.id": "ada@example.com"}, "email", "ada@example.com"),
    ],
)
@pytest.mark.parametrize("place", ["span", "resource"])
def test_people_are_pseudonyms(reader: Reader, values: Json, namespace: Any, identifier: str, place: str) -> None:
    reader.lines(traces(span(values)) if place == "span" else traces(span(), resource=values))
    assert reader.span["user_key"] == Pseudonymizer(KEY).key(namespace, identifier)
    assert reader.span["user_namespace"] == namespace


# --- events ---

CLAUDE_SCOPE = {"name": "com.anthropic.claude_code.events", "version": "2.1.224"}


def test_a_request_of_claude_code(reader: Reader) -> None:
    values = {
        "event.name": "api_request",
        "event.sequence": 3,
        "prompt.id": "p-1",
        "session.id": "s-1",
        "model": "claude-opus-4-5",
        "cost_usd": "0.031",
        "input_tokens": "120",
        "output_tokens": 34,
        "cache_read_tokens": 1000,
        "cache_creation_tokens": 56,
        "request_id": "req_1",
        "duration_ms": 900,
        "query_source": "main",
    }
    record = log(values, body={"stringValue": "claude_code.api_request"}, traceId=TRACE.upper(), spanId=SPAN)
    row = reader.lines(logs(record, resource={"service.name": "claude-code"}, scope=CLAUDE_SCOPE)).event
    expected = {
        "event_source": "log_record",
        "event_name": "claude_code.api_request",
        "occurred_at": datetime(2026, 9, 1, tzinfo=UTC),
        "trace_id": TRACE,
        "span_id": SPAN,
        "service_name": "claude-code",
        "scope_version": "2.1.224",
        "event_sequence": 3,
        "prompt_id": "p-1",
        "session_id": "s-1",
        "request_model": "claude-opus-4-5",
        "reported_cost": Decimal("0.031"),
        "reported_cost_currency": "USD",
        "reported_cost_source": "local",
        "input_tokens": 120,
        "input_tokens_attribute": "input_tokens",
        "output_tokens": 34,
        "cache_read_tokens": 1000,
        "cache_write_tokens": 56,
        "request_id": "req_1",
        "query_source": "main",
        "extra": '{"duration_ms":"900"}',
    }
    assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("record", "scope"),
    [
        (log({}, eventName="claude_code.api_error"), {}),
        (log({"event.name": "claude_code.api_error"}), {}),
        (log({}, body={"stringValue": "claude_code.api_error"}), {}),
        (log({"event.name": "api_error"}), CLAUDE_SCOPE),
    ],
    ids=["eventName", "event.name", "body", "short name in its scope"],
)
def test_an_event_s_name_stands_in_one_of_three_places(reader: Reader, record: Json, scope: Json) -> None:
    assert reader.lines(logs(record, scope=scope)).event["event_name"] == "claude_code.api_error"


def test_events_without_usage_or_outcome_are_counted_and_left_out(reader: Reader) -> None:
    records = [log({"event.name": "api_request"}), log({"event.name": "startup"}), log({}), log({}, eventName="other")]
    reader.lines(logs(*records))
    assert reader.table("events") == []
    assert (reader.reads[0].ignored_events, reader.reads[0].events, reader.reads[0].bad_lines) == (4, 0, 0)


def test_codex_stream_events_count_only_with_tokens(reader: Reader) -> None:
    plain = {"event.name": "codex.sse_event", "conversation.id": "c", "event.kind": "response.created"}
    tokens = {"input_token_count": 100, "cached_token_count": 40, "output_token_count": 7, "reasoning_token_count": 2}
    reader.lines(logs(log(plain), log({**plain, **tokens})))
    row = reader.event
    assert (row["session_id"], row["input_tokens"], row["cache_read_tokens"]) == ("c", 100, 40)
    assert (row["output_tokens"], row["reasoning_tokens"], row["input_tokens_attribute"]) == (7, 2, "input_token_count")
    assert reader.reads[0].ignored_events == 1


@pytest.mark.parametrize(
    ("values", "decision"),
    [
        ({"decision": "accept", "source": "user_permanent"}, "accept"),
        ({"decision": "approved_for_session", "source": "user_permanent"}, "accept"),
        ({"decision": "denied", "source": "user_permanent"}, "reject"),
        ({"decision_type": "reject", "decision_source": "user_permanent"}, "reject"),
    ],
)
def test_decisions_about_tools(reader: Reader, values: Json, decision: str) -> None:
    row = reader.lines(logs(log({"event.name": "claude_code.tool_decision", "tool_name": "Bash", **values}))).event
    assert (row["decision"], row["decision_source"], row["tool_name"]) == (decision, "user_permanent", "Bash")


def test_an_evaluation_on_a_span(reader: Reader) -> None:
    event = {
        "timeUnixNano": START + SECOND,
        "name": "gen_ai.evaluation.result",
        "attributes": attributes(
            {
                "gen_ai.evaluation.name": "triaged",
                "gen_ai.evaluation.score.label": "pass",
                "gen_ai.evaluation.score.value": 0.75,
                "gen_ai.evaluation.explanation": TELLING,
            }
        ),
    }
    other = {"timeUnixNano": START, "name": "exception"}
    row = reader.lines(traces(span(events=[other, event]), resource={"service.name": "triage"})).event
    assert (row["event_source"], row["event_name"]) == ("span_event", "gen_ai.evaluation.result")
    assert (row["trace_id"], row["span_id"], row["service_name"]) == (TRACE, SPAN, "triage")
    assert (row["evaluation_name"], row["evaluation_label"]) == ("triaged", "pass")
    assert row["evaluation_score"] == Decimal("0.75")
    assert row["occurred_at"] == datetime(2026, 9, 1, 0, 0, 1, tzinfo=UTC)
    assert (len(reader.table("spans")), reader.reads[0].events, row["extra"]) == (1, 1, None)


def test_a_log_record_s_time_may_be_when_it_was_observed(reader: Reader) -> None:
    named = {"event.name": "codex.tool_result"}
    observed = log(named, timeUnixNano="0", observedTimeUnixNano=str(START))
    reader.lines(logs(observed, log(named, timeUnixNano=None)))
    assert reader.event["occurred_at"] == datetime(2026, 9, 1, tzinfo=UTC)
    assert reader.problems == [(1, "a log record without timeUnixNano")]


# --- metrics ---


def points(*found: Json) -> list[Json]:
    return [{"startTimeUnixNano": str(START), "timeUnixNano": str(START + SECOND), **point} for point in found]


def test_points_of_sums_gauges_and_histograms(reader: Reader) -> None:
    by_type = {"session.id": "s", "type": "cacheRead", "model": "claude-opus-4-5", "user.email": "ada@example.com"}
    reader.lines(
        metrics(
            {
                "name": "claude_code.token.usage",
                "unit": "tokens",
                "sum": {
                    "dataPoints": points({"asInt": "7", "attributes": attributes(by_type)}),
                    "aggregationTemporality": "AGGREGATION_TEMPORALITY_DELTA",
                    "isMonotonic": True,
                },
            },
            {"name": "claude_code.cost.usage", "unit": "USD", "gauge": {"dataPoints": points({"asDouble": 0.125})}},
            {
                "name": "gen_ai.client.token.usage",
                "histogram": {"dataPoints": points({"count": 4, "sum": 10.5}), "aggregationTemporality": 2},
            },
            {"name": "http.server.requests", "gauge": {"dataPoints": points({"asInt": 1}, {"asInt": 2})}},
        )
    )
    found = {row["metric_name"]: row for row in reader.table("metric_points")}
    tokens, cost = found["claude_code.token.usage"], found["claude_code.cost.usage"]
    assert (tokens["value"], tokens["token_type"], tokens["session_id"]) == (Decimal(7), "cacheRead", "s")
    assert (tokens["point_type"], tokens["temporality"], tokens["is_monotonic"]) == ("sum", "delta", True)
    assert (tokens["request_model"], tokens["unit"], tokens["extra"]) == ("claude-opus-4-5", "tokens", None)
    assert tokens["started_at"] == datetime(2026, 9, 1, tzinfo=UTC)
    assert (cost["value"], cost["point_type"], cost["temporality"]) == (Decimal("0.125"), "gauge", None)
    usage = found["gen_ai.client.token.usage"]
    assert (usage["value"], usage["count"], usage["temporality"]) == (Decimal("10.5"), 4, "cumulative")
    assert len(found) == 3
    assert (reader.reads[0].metric_points, reader.reads[0].ignored_points) == (3, 2)


# --- types ---


@pytest.mark.parametrize("table", [SPANS, EVENTS, METRIC_POINTS], ids=lambda table: table.name)
def test_batches_have_the_columns_of_their_table(reader: Reader, table: Any) -> None:
    event = log({"event.name": "codex.tool_result"})
    metric = {"name": "claude_code.commit.count", "gauge": {"dataPoints": points({"asInt": 1})}}
    file = reader.write(json.dumps({**traces(span()), **logs(event), **metrics(metric)}))
    schemas: dict[str, pa.Schema] = {}
    with connect(reader.folder) as connection:
        for name, batch in parse_lines(connection, file_reads([file]), Pseudonymizer(KEY), None):
            schemas[name] = batch.schema
    assert [(one.name, one.type) for one in schemas[table.name]] == [
        (column.name, ARROW_TYPES[column.data_type]) for column in table.columns
    ]
    assert table in DATASET.tables


def _names(rows: Sequence[Row]) -> list[str]:
    return [row["span_name"] for row in rows]


def test_files_of_other_formats_of_numbers_are_read_together(reader: Reader) -> None:
    first = reader.write(json.dumps(traces(span(name="one"))) + "\n", "one.jsonl")
    second = reader.write(json.dumps(traces(span(name="two")), indent=4), "two.json")
    assert sorted(_names(reader.read(first, second).table("spans"))) == ["one", "two"]
    assert {row["report_load_key"] for row in reader.table("spans")} == {"load of one.jsonl", "load of two.json"}


# --- one odd value ---


@pytest.mark.parametrize(
    ("values", "column", "expected"),
    [
        ({"github.copilot.aiu": "1e24"}, "nano_aiu", None),
        ({"github.copilot.aiu": "99999999999"}, "nano_aiu", None),
        # 9,223,372,036 AI units are the most whose billionths a bigint holds.
        ({"github.copilot.aiu": "9223372036"}, "nano_aiu", 9_223_372_036_000_000_000),
        ({"github.copilot.aiu": "1.000000001"}, "nano_aiu", 1_000_000_001),
        ({"cost_usd_micros": "1e28"}, "reported_cost", None),
        ({"cost_usd_micros": "1500000000000"}, "reported_cost", Decimal(1_500_000)),
        ({"cost_usd": "1e40"}, "reported_cost", None),
        ({"gen_ai.usage.input_tokens": "1e30"}, "input_tokens", None),
    ],
)
def test_a_number_beyond_every_range_costs_no_record(
    reader: Reader, values: Json, column: str, expected: int | Decimal | None
) -> None:
    assert reader.lines(traces(span(values))).span[column] == expected


def test_lists_nested_thousands_deep_are_a_bad_line(reader: Reader) -> None:
    good = json.dumps(traces(span()))
    reader.read(reader.write("[" * 200_000 + "\n" + good + "\n"))
    assert reader.problems == [(1, "not valid JSON (cut off or damaged)")]
    assert len(reader.table("spans")) == 1


def test_no_nul_reaches_a_text_column(reader: Reader) -> None:
    values = {"gen_ai.provider.name": "mo\0del", "user.email": "ada\0@example.com", "vendor.flag": "a\0b", "k\0": "x"}
    content = {"gen_ai.input.messages": "what\0else"}
    document = traces(
        span({**values, **content}, name="ch\0at"), scope={"name": "sc\0ope"}, resource={"service.name": "b\0ot"}
    )
    row = reader.lines(document, keep_content=True).span
    assert (row["provider_name"], row["span_name"], row["scope_name"], row["service_name"]) == (
        *("model", "chat", "scope", "bot"),
    )
    assert row["user_key"] == Pseudonymizer(KEY).key("email", "ada@example.com")
    assert json.loads(row["extra"]) == {"vendor.flag": "ab", "gen_ai.input.messages": "whatelse"}
    metric = {"name": "claude_code.a\0b", "unit": "u\0s", "gauge": {"dataPoints": points({"asInt": 1})}}
    (point,) = reader.lines(metrics(metric)).table("metric_points")
    assert (point["metric_name"], point["unit"]) == ("claude_code.ab", "us")


# --- attributes that are an object ---


def test_flat_attributes_are_read_as_a_list_is(reader: Reader) -> None:
    flat = {
        "gen_ai.request.model": "claude-opus-4-5",
        "gen_ai.usage.output_tokens": 7,
        "gen_ai.usage.cost": 0.0421,
        "success": True,
        "gen_ai.response.finish_reasons": ["stop", "length"],
        "session.id": {"stringValue": "s-1"},
        "gen_ai.agent.id": None,
    }
    document = traces(span(attributes=flat))
    document["resourceSpans"][0]["resource"]["attributes"] = {"service.name": "bot"}
    for text in (json.dumps(document), json.dumps(document, separators=(",", ":")), json.dumps(document, indent=2)):
        row = reader.read(reader.write(text + "\n")).span
        assert (row["service_name"], row["request_model"], row["output_tokens"]) == ("bot", "claude-opus-4-5", 7)
        assert (row["reported_cost"], row["is_success"]) == (Decimal("0.0421"), True)
        assert (row["finish_reason"], row["session_id"], row["agent_id"]) == ("stop,length", "s-1", None)


# --- credentials in columns ---

SECRET = "ghs-TELLING-77"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (f"https://x-access-token:{SECRET}@localhost:8080/quill/a.git", "quill/a"),
        (f"https://{SECRET}@git/quill/a", "quill/a"),
        (f"{SECRET}@git:quill/a.git", "quill/a"),
        (f"user:{SECRET}@git:quill/a.git", "quill/a"),
        (f"user:{SECRET}@github.com/quill/a", "quill/a"),
        ("localhost:8080/quill/a", "quill/a"),
        ("git@git:2222/quill/a", "quill/a"),
        (f"https://git/quill/a?token={SECRET}", "quill/a"),
        (f"https://git/quill/a.git#{SECRET}", "quill/a"),
        (f"quill/a?private_token={SECRET}", "quill/a"),
        ("ssh://git@git:22/group/sub/a.git", "group/sub/a"),
        ("quill/.github", "quill/.github"),
        (f"https://user:a#{SECRET}@git/quill/a", None),
        (f"https://git/{SECRET}", None),
        (f"{SECRET}", None),
        ("a sentence / of somebody", None),
        ("~/work/a", None),
        ("../work/a", None),
        ("d:/work/a", None),
    ],
)
def test_a_repository_holds_no_credential(reader: Reader, written: str, expected: str | None) -> None:
    row = reader.lines(traces(span({"vcs.repository.url.full": written}))).span
    assert row["repository"] == expected
    assert SECRET.lower() not in json.dumps(row, default=str).lower()


@pytest.mark.parametrize("column", ["session_url", "logs_url"])
@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (
            f"https://ada:{SECRET}@logs.example.com:8443/runs/7?sig={SECRET}#{SECRET}",
            "https://logs.example.com:8443/runs/7",
        ),
        ("http://localhost/x y", None),
        ("HTTPS://logs.example.com", "HTTPS://logs.example.com"),
        (f"file:///home/{SECRET}", None),
        (f"https://ada:p/{SECRET}@logs.example.com/", None),
        (f"ask ada for {SECRET}", None),
    ],
)
def test_addresses_hold_no_credential(reader: Reader, column: str, written: str, expected: str | None) -> None:
    name = {"session_url": "agent_spend.session.url", "logs_url": "agent_spend.logs.url"}[column]
    row = reader.lines(traces(span({name: written}))).span
    assert row[column] == expected
    assert SECRET not in json.dumps(row, default=str)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("chat claude-opus-4-5", "chat claude-opus-4-5"),
        (f"GET /runs?token={SECRET}", "GET /runs"),
        (f"GET https://ada:{SECRET}@git/x", ""),
        (f"read /home/{SECRET}/a", ""),
        ("w" * 200, "w" * 200),
        ("w" * 201, ""),
    ],
)
def test_a_span_s_name_holds_nothing_that_somebody_wrote(reader: Reader, written: str, expected: str) -> None:
    assert reader.lines(traces(span(name=written))).span["span_name"] == expected


# --- what is in extra ---


@pytest.mark.parametrize(
    "name",
    [
        *("toolInput", "inputText", "promptText", "codeSnippet", "bashCommand", "requestBody", "filePath", "filepath"),
        *("instruction", "question", "answer", "stdout", "stderr", "old_string", "new_string", "pattern", "goal"),
        *("new_context", "comment", "http.target", "url", "developer", "committer", "reviewer", "engineer", "employee"),
        *("principal", "identity", "uid", "machine", "vendor.host", "net.peer.ip", "client.addr", "user", "owner"),
        *("author", "vendor.HTTPUrl", "vendor.toolArgs", "arg0.prompt1", "codeReviewers"),
    ],
)
def test_a_name_that_tells_of_content_or_a_person_is_not_in_extra(reader: Reader, name: str) -> None:
    row = reader.lines(traces(span({name: "TELLING"}), resource={f"vendor.{name}": "TELLING"})).span
    assert row["extra"] is None


@pytest.mark.parametrize("many", [0, 50], ids=["few names", "many names"])
def test_extra_holds_numbers_booleans_and_tokens_whatever_their_names(reader: Reader, many: int) -> None:
    kept = {"vendor.a": "7", "vendor.b": "true", "vendor.c": "claude-opus-4-5", "vendor.d": "1.5e-7", "e": "x" * 64}
    more = {f"vendor.n{number}": "x" for number in range(many)}
    left = {
        "vendor.zig": "Please fix the login of Ada",
        "vendor.zag": "src/checkout/pay.py",
        "vendor.zog": "C:\\work",
        "vendor.zug": "ada@example.com",
        "vendor.zeg": '{"a":1}',
        "vendor.zyg": "x" * 65,
        "vendor.zaa": "ada,bob",
        "vendor.zab": "Größe",
        "vendor.zac": "10.1.2.3",
        "vendor.zad": "sk-ant-api03-abc",
        "vendor.tool_count": "ls the folder",
        "what did Ada say": "yes",
    }
    row = reader.lines(traces(span({**kept, **left, **more}))).span
    assert json.loads(row["extra"]) == {**kept, **more}
