"""OTLP spans in every tolerated form: ids, times, words and values, refused records, and what types come out."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from dlt_pipelines.identifiers import Pseudonymizer
from dlt_pipelines.otel.otlp import parse_lines
from dlt_pipelines.otel.tables import DATASET, EVENTS, METRIC_POINTS, SPANS
from dlt_pipelines.otel.trace_file import FileRead
from dlt_pipelines.reports import connect
from dlt_pipelines.schema import ARROW_TYPES
from tests.dlt_pipelines.otlp_bench import (
    NEITHER_SPAN,
    NEITHER_TRACE,
    SECOND,
    SPAN,
    START,
    TRACE,
    Json,
    Reader,
    attributes,
    log,
    logs,
    metrics,
    points,
    reader,
    span,
    traces,
)
from tests.dlt_pipelines.pseudonyms import KEY, key

__all__ = ["reader"]


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
    assert row["user_key"] == key("email", "ada@example.com")
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


# --- types ---


@pytest.mark.parametrize("table", [SPANS, EVENTS, METRIC_POINTS], ids=lambda table: table.name)
def test_batches_have_the_columns_of_their_table(reader: Reader, table: Any) -> None:
    event = log({"event.name": "codex.tool_result"})
    metric = {"name": "claude_code.commit.count", "gauge": {"dataPoints": points({"asInt": 1})}}
    file = reader.write(json.dumps({**traces(span()), **logs(event), **metrics(metric)}))
    schemas: dict[str, pa.Schema] = {}
    with connect(reader.folder) as connection:
        for name, batch in parse_lines(connection, [FileRead(file)], Pseudonymizer(KEY), None):
            schemas[name] = batch.schema
    assert [(one.name, one.type) for one in schemas[table.name]] == [
        (column.name, ARROW_TYPES[column.data_type]) for column in table.columns
    ]
    assert table in DATASET.tables
