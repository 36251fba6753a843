"""Spans and log records in OTLP's JSON, and what the collector makes of them: one request a line."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from demo.work_records import sha_of

Value = str | bool | int | float | Sequence[str]
Attributes = Mapping[str, Value | None]
Json = dict[str, Any]

INTERNAL, CLIENT = 1, 3
UNSET, OK, ERROR = 0, 1, 2
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
KIND_NAMES = {INTERNAL: "SPAN_KIND_INTERNAL", CLIENT: "SPAN_KIND_CLIENT"}


@dataclass(frozen=True)
class SpanEvent:
    """Something that happened in a span."""

    name: str
    at: datetime
    attributes: Attributes


@dataclass(frozen=True)
class Span:
    """A span. `key` and `parent` name spans within their trace, before they have ids."""

    key: str
    name: str
    started_at: datetime
    ended_at: datetime
    attributes: Attributes
    parent: str | None = None
    kind: int = INTERNAL
    status: int = UNSET
    events: tuple[SpanEvent, ...] = ()


@dataclass(frozen=True)
class Log:
    """A log record; of a span, where one is named."""

    event_name: str
    at: datetime
    attributes: Attributes
    span: str | None = None


@dataclass(frozen=True)
class Emitted:
    """What an agent sends about a session."""

    resource: Attributes
    scope: str
    trace_id: str
    spans: list[Span] = field(default_factory=list)
    logs: list[Log] = field(default_factory=list)


@dataclass(frozen=True)
class Style:
    """How an exporter writes what the standard leaves open, or what it gets wrong."""

    are_numbers_text: bool = False  # "stringValue": "12"
    are_integers_bare: bool = False  # "intValue": 12
    is_base64: bool = False  # ids and kinds as generic protobuf tools write them
    are_ids_upper: bool = False


PLAIN = Style()


def nanoseconds(moment: datetime) -> int:
    """Nanoseconds since 1970."""
    return (moment - EPOCH) // timedelta(microseconds=1) * 1000


def span_id(trace_id: str, key: str) -> str:
    """The id of a span in its trace."""
    return sha_of(f"span/{trace_id}/{key}")[:16]


def encoded(value: Value, style: Style = PLAIN) -> Json:
    """A value as OTLP's AnyValue; integers are texts there, as the standard wants it."""
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int | float) and style.are_numbers_text:
        return {"stringValue": str(value)}
    if isinstance(value, int):
        return {"intValue": value if style.are_integers_bare else str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, str):
        return {"stringValue": value}
    return {"arrayValue": {"values": [{"stringValue": one} for one in value]}}


def attribute_list(attributes: Attributes, style: Style = PLAIN) -> list[Json]:
    """Attributes as OTLP's list; what is None is not there."""
    return [{"key": key, "value": encoded(value, style)} for key, value in attributes.items() if value is not None]


def trace_request(emitted: Emitted, style: Style = PLAIN, spans: Sequence[Span] | None = None) -> Json:
    """The request that exports a session's spans, or some of them."""
    own = emitted.spans if spans is None else spans
    scope_spans = {"scope": {"name": emitted.scope}, "spans": [_span(emitted.trace_id, one, style) for one in own]}
    return {
        "resourceSpans": [{"resource": {"attributes": attribute_list(emitted.resource)}, "scopeSpans": [scope_spans]}]
    }


def log_request(emitted: Emitted, style: Style = PLAIN) -> Json:
    """The request that exports a session's log records."""
    records = []
    for log in emitted.logs:
        record: Json = {
            "timeUnixNano": str(nanoseconds(log.at)),
            "observedTimeUnixNano": str(nanoseconds(log.at + timedelta(milliseconds=3))),
            "severityNumber": 9,
            "eventName": log.event_name,
            "body": {"stringValue": log.event_name},
            "attributes": attribute_list(log.attributes, style),
        }
        if log.span:
            record |= {"traceId": emitted.trace_id, "spanId": span_id(emitted.trace_id, log.span)}
        records.append(record)
    scope_logs = {"scope": {"name": emitted.scope}, "logRecords": records}
    return {"resourceLogs": [{"resource": {"attributes": attribute_list(emitted.resource)}, "scopeLogs": [scope_logs]}]}


def _span(trace_id: str, span: Span, style: Style) -> Json:
    found: Json = {
        "traceId": _id(trace_id, style),
        "spanId": _id(span_id(trace_id, span.key), style),
        "name": span.name,
        "kind": KIND_NAMES[span.kind] if style.is_base64 else span.kind,
        "startTimeUnixNano": str(nanoseconds(span.started_at)),
        "endTimeUnixNano": str(nanoseconds(span.ended_at)),
        "attributes": attribute_list(span.attributes, style),
        # An unset status is an empty object.
        "status": {"code": span.status} if span.status else {},
    }
    if span.parent:
        found["parentSpanId"] = _id(span_id(trace_id, span.parent), style)
    if span.events:
        found["events"] = [
            {
                "timeUnixNano": str(nanoseconds(event.at)),
                "name": event.name,
                "attributes": attribute_list(event.attributes, style),
            }
            for event in span.events
        ]
    return found


def _id(hexadecimal: str, style: Style) -> str:
    if style.is_base64:
        return base64.b64encode(bytes.fromhex(hexadecimal)).decode()
    return hexadecimal.upper() if style.are_ids_upper else hexadecimal
