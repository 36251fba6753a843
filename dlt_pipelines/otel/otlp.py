"""OTLP in JSON: requests, or TracesData, LogsData and MetricsData, one a line or one document over many lines.

DuckDB takes the lines apart and turns lists of attributes into columns; a line that it cannot read is noted and kept
aside, and the others of its chunk are read without it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from duckdb import DuckDBPyConnection

from dlt_pipelines.identifiers import Pseudonymizer
from dlt_pipelines.otel.lines import FILE_FACTOR, NOT_JSON, KeptLines, chunks, note
from dlt_pipelines.otel.records import Batches, RecordReader
from dlt_pipelines.otel.trace_file import FileRead
from dlt_pipelines.sql import literal

# A line of LONGEST_LINE, taken apart, needs that much.
MEMORY_LIMIT = "1GB"

SIGNALS = {"resourceSpans": "traces", "resourceLogs": "logs", "resourceMetrics": "metrics"}

# What is read of a line; everything else in it is passed over. Numbers are read as the text that they are written as,
# so that one in quotes is no different and no digit is lost.
TEXT = "VARCHAR"
VALUE = {
    **dict.fromkeys(("stringValue", "intValue", "doubleValue", "boolValue", "bytesValue"), TEXT),
    **dict.fromkeys(("arrayValue", "kvlistValue"), "JSON"),
}
ATTRIBUTES = [{"key": TEXT, "value": VALUE}]
RESOURCE = {"attributes": ATTRIBUTES}
SCOPE = {"name": TEXT, "version": TEXT}
SPAN = {
    **dict.fromkeys(
        ("traceId", "spanId", "parentSpanId", "name", "kind", "startTimeUnixNano", "endTimeUnixNano"), TEXT
    ),
    "status": {"code": TEXT},
    "attributes": ATTRIBUTES,
    "events": "JSON",
}
SPAN_EVENT = {"timeUnixNano": TEXT, "name": TEXT, "attributes": ATTRIBUTES}
LOG_RECORD = {
    **dict.fromkeys(("timeUnixNano", "observedTimeUnixNano", "eventName", "traceId", "spanId"), TEXT),
    "body": {"stringValue": TEXT},
    "attributes": ATTRIBUTES,
}
POINTS = [
    {
        **dict.fromkeys(("startTimeUnixNano", "timeUnixNano", "asInt", "asDouble", "sum", "count"), TEXT),
        "attributes": ATTRIBUTES,
    }
]
METRIC = {
    "name": TEXT,
    "unit": TEXT,
    "gauge": {"dataPoints": POINTS},
    "sum": {"dataPoints": POINTS, "aggregationTemporality": TEXT, "isMonotonic": TEXT},
    "histogram": {"dataPoints": POINTS, "aggregationTemporality": TEXT},
    "exponentialHistogram": {"dataPoints": POINTS, "aggregationTemporality": TEXT},
    "summary": {"dataPoints": POINTS},
}
LINE: dict[str, Any] = {
    "resourceSpans": [{"resource": RESOURCE, "scopeSpans": [{"scope": SCOPE, "spans": [SPAN]}]}],
    "resourceLogs": [{"resource": RESOURCE, "scopeLogs": [{"scope": SCOPE, "logRecords": [LOG_RECORD]}]}],
    "resourceMetrics": [{"resource": RESOURCE, "scopeMetrics": [{"scope": SCOPE, "metrics": [METRIC]}]}],
}
# How attributes begin that are an object and not empty.
FLAT_ATTRIBUTES = ('"attributes":{"', '"attributes": {"', '"attributes": { ')
POINT_TYPES = {
    "gauge": "gauge",
    "sum": "sum",
    "histogram": "histogram",
    "exponentialHistogram": "histogram",
    "summary": None,
}


def parse_lines(
    connection: DuckDBPyConnection,
    reads: Sequence[FileRead],
    pseudonymizer: Pseudonymizer,
    rejected: Path | None,
    *,
    keep_content: bool = False,
) -> Batches:
    """Yields (raw table, Arrow batch) of the files, chunk by chunk; fills each `FileRead` as it goes.

    `connection` is one of `reports.connect`; the bytes of bad lines are kept below `rejected`. Nothing is raised for
    what a file holds; what cannot be opened or unpacked raises OSError.
    """
    connection.execute(f"set memory_limit = '{MEMORY_LIMIT}'")
    kept = KeptLines(rejected)
    records = RecordReader(connection, reads, pseudonymizer, kept, keep_content=keep_content)
    for chunk in chunks(reads, kept):
        connection.register("chunk_lines", _with_listed_attributes(connection, chunk))
        for signal in _take_apart(connection, reads, records):
            _resources(connection, signal)
            records.resources()
            if signal == "resourceSpans":
                yield from records.spans(_SPANS)
                yield from records.events(_span_events())
            elif signal == "resourceLogs":
                yield from records.events(_LOG_RECORDS)
            else:
                yield from records.metric_points(_METRIC_POINTS)
        connection.unregister("chunk_lines")


def _take_apart(connection: DuckDBPyConnection, reads: Sequence[FileRead], records: RecordReader) -> list[str]:
    """Fills `parsed` (line, resourceSpans, resourceLogs, resourceMetrics) with the lines that are OTLP.

    Returns the signals that are in it; notes lines and signals with their files.
    """
    structure = literal(json.dumps(LINE))
    # A byte order mark may begin a file.
    text = "ltrim(text, chr(65279))"
    lines = f"(select line, {text} as text from chunk_lines where not regexp_full_match({text}, '\\s*'))"
    has = ", ".join(f"{signal} is not null as has_{word}" for signal, word in SIGNALS.items())
    create = "create or replace table parsed as select *, {has} from (select line, unnest({document}) from {lines})"
    document = f"from_json(text, {structure})"
    try:
        connection.execute(create.format(has=has, document=document, lines=lines))
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error:  # a line is no JSON; the message may quote it
        connection.execute(create.format(has=has, document=f"try({document})", lines=lines))
    found = connection.execute(
        f"""
        select line // {FILE_FACTOR}, {", ".join(f"has_{word}" for word in SIGNALS.values())}, count(*)
        from parsed group by all
        """
    ).fetchall()
    for number, *signals, count in found:
        reads[number].lines += count
        reads[number].signals |= {word for word, is_there in zip(SIGNALS.values(), signals, strict=True) if is_there}
    if any(not any(signals) for _, *signals, _ in found):
        _note_unread(connection, reads, records, lines)
    return [signal for place, signal in enumerate(SIGNALS, 1) if any(row[place] for row in found)]


def _note_unread(connection: DuckDBPyConnection, reads: Sequence[FileRead], records: RecordReader, lines: str) -> None:
    """Notes the lines that no signal was found in, and keeps them aside."""
    nothing = " and ".join(f"not has_{word}" for word in SIGNALS.values())
    bad = connection.execute(
        f"""
        select line, case when json_valid(text)
            then 'not OTLP: no {", ".join(SIGNALS)}' else 'not valid JSON (cut off or damaged)' end
        from {lines} where line in (select line from parsed where {nothing}) order by line
        """
    ).fetchall()
    for line, reason in bad:
        note(reads[line // FILE_FACTOR], line % FILE_FACTOR, reason)
    records.keep_lines({line for line, _ in bad})


def _with_listed_attributes(connection: DuckDBPyConnection, chunk: pa.Table) -> pa.Table:
    """The lines with OTLP's lists of attributes in place of flat objects, which some exporters write instead.

    Only lines that hold such an object are touched; within a text quotes are escaped, and none is taken for one.
    """
    connection.register("whole_chunk", chunk)
    holds_objects = " or ".join(f"contains(text, {literal(start)})" for start in FLAT_ATTRIBUTES)
    found = connection.execute(f"select line, text from whole_chunk where {holds_objects}").fetchall()
    connection.unregister("whole_chunk")
    written: dict[int, str] = {}
    for line, text in found:
        try:
            written[line] = json.dumps(_listed(json.loads(text.lstrip("\ufeff"))))
        except NOT_JSON:  # which is told later
            continue
    if not written:
        return chunk
    lines = chunk.column("line").to_pylist()
    texts = [written.get(line, text) for line, text in zip(lines, chunk.column("text").to_pylist(), strict=True)]
    return pa.table({"line": chunk.column("line"), "text": pa.array(texts, pa.string())})


def _listed(item: Any) -> Any:
    """A document with every object of attributes as a list of keys and values."""
    if isinstance(item, list):
        return [_listed(part) for part in item]
    if not isinstance(item, dict):
        return item
    return {
        name: [{"key": key, "value": _any_value(said)} for key, said in part.items()]
        if name == "attributes" and isinstance(part, dict)
        else _listed(part)
        for name, part in item.items()
    }


def _any_value(value: Any) -> dict[str, Any]:
    """OTLP's AnyValue of a JSON value; one that is an AnyValue already is left."""
    if isinstance(value, dict):
        if len(value) == 1 and set(value) <= set(VALUE):
            return value
        return {"kvlistValue": {"values": [{"key": key, "value": _any_value(part)} for key, part in value.items()]}}
    if isinstance(value, list):
        return {"arrayValue": {"values": [_any_value(part) for part in value]}}
    if value is None:
        return {}
    kinds: dict[type, str] = {bool: "boolValue", int: "intValue", float: "doubleValue"}
    return {kinds.get(type(value), "stringValue"): value}


def _names(attributes: str) -> str:
    return f"list_transform({attributes}, lambda attribute: attribute.key)"


def _texts(attributes: str) -> str:
    """The attributes' values as text: of an array its items, parted by commas; of an object the JSON."""
    value = "attribute.value"
    return (
        f"list_transform({attributes}, lambda attribute: coalesce({value}.stringValue, {value}.intValue,"
        f" {value}.doubleValue, {value}.boolValue,"
        f" array_to_string(json_extract_string({value}.arrayValue, '$.values[*].*'), ','),"
        f" cast({value}.kvlistValue as varchar), {value}.bytesValue))"
    )


def _resources(connection: DuckDBPyConnection, signal: str) -> None:
    """Fills `resources` (line, resource, names, texts): the number of a resource is its place in its line."""
    attributes = f"unnest(list_transform({signal}, lambda item: item.resource.attributes))"
    connection.execute(
        f"""
        create or replace table resources as
        select line, resource, {_names("attributes")} as names, {_texts("attributes")} as texts
        from (select line, unnest(range(len({signal}))) as resource, {attributes} as attributes from parsed)
        """
    )


def _of_scopes(signal: str, scopes: str, items: str) -> str:
    """Every item of every scope: line, resource, scope, item."""
    return f"""
        select line, resource, scopes.scope as scope, unnest(scopes.{items}) as item from (
            select line, resource, unnest(of_resource.{scopes}) as scopes from (
                select line, unnest(range(len({signal}))) as resource, unnest({signal}) as of_resource from parsed
            )
        )
    """


_SPANS = f"""
    select
        line, resource, scope.name as scope_name, scope.version as scope_version,
        item.traceId as trace, item.spanId as span, item.parentSpanId as parent, item.name as span_name,
        item.kind as kind, item.startTimeUnixNano as started, item.endTimeUnixNano as ended,
        item.status.code as status, item.events as span_events,
        {_names("item.attributes")} as names, {_texts("item.attributes")} as texts
    from ({_of_scopes("resourceSpans", "scopeSpans", "spans")})
"""

_LOG_RECORDS = f"""
    select
        line, resource, scope.name as scope_name, scope.version as scope_version, 'log_record' as event_source,
        item.eventName as event_field, item.body.stringValue as body, item.timeUnixNano as occurred,
        item.observedTimeUnixNano as observed, item.traceId as trace, item.spanId as span,
        {_names("item.attributes")} as names, {_texts("item.attributes")} as texts
    from ({_of_scopes("resourceLogs", "scopeLogs", "logRecords")})
"""


def _span_events() -> str:
    """The events on the spans that were read; an event whose name is of no use is left out there."""
    return f"""
        select
            line, resource, scope_name, scope_version, 'span_event' as event_source, item.name as event_field,
            cast(null as varchar) as body, item.timeUnixNano as occurred, cast(null as varchar) as observed,
            trace_id as trace, span_id as span,
            {_names("item.attributes")} as names, {_texts("item.attributes")} as texts
        from (
            select * exclude (span_events),
                unnest(from_json(span_events, {literal(json.dumps([SPAN_EVENT]))})) as item
            from span_records
            where problem is null and span_events is not null
        )
    """


def _points(kind: str) -> str:
    """The points of one type of metric."""
    temporality = f"item.{kind}.aggregationTemporality" if "aggregationTemporality" in METRIC[kind] else "null"
    monotonic = f"item.{kind}.isMonotonic" if "isMonotonic" in METRIC[kind] else "null"
    point_type = POINT_TYPES[kind]
    return f"""
        select
            line, resource, item.name as metric_name, item.unit as unit,
            cast({literal(point_type) if point_type else "null"} as varchar) as point_type,
            cast({temporality} as varchar) as temporality, cast({monotonic} as varchar) as is_monotonic,
            unnest(item.{kind}.dataPoints) as point
        from ({_of_scopes("resourceMetrics", "scopeMetrics", "metrics")})
    """


_METRIC_POINTS = f"""
    select
        * exclude (point), point.startTimeUnixNano as started, point.timeUnixNano as observed, point.asInt as as_int,
        point.asDouble as as_double, point.sum as point_sum, point.count as point_count,
        {_names("point.attributes")} as names, {_texts("point.attributes")} as texts
    from ({" union all ".join(_points(kind) for kind in POINT_TYPES)})
"""
