"""What agents write to files with the JavaScript SDK: Copilot's command line, and Copilot Chat's `outfile` in VS Code.

Not OTLP: one span, log record or metric a line, attributes as a flat object, times in seconds and nanoseconds, kinds
counted from 0. Sessions take turns in a file, which is never rotated.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
from duckdb import DuckDBPyConnection

from dlt_pipelines.identifiers import Pseudonymizer
from dlt_pipelines.otel.flat_attributes import MAP, names, text, texts
from dlt_pipelines.otel.lines import FILE_FACTOR, KeptLines, chunks, note
from dlt_pipelines.otel.records import SPAN_KINDS, Batches, RecordReader
from dlt_pipelines.otel.trace_file import FileRead
from dlt_pipelines.sql import literal

TEXT = "VARCHAR"
SIGNALS = {"span": "traces", "log": "logs", "metric": "metrics"}
CONTEXT = {"traceId": TEXT, "spanId": TEXT}
SCOPE = {"name": TEXT, "version": TEXT}
# The SDK's numbers of point types.
POINT_TYPES = ("histogram", "histogram", "gauge", "sum")


def _structure(attributes: str) -> dict[str, Any]:
    """What is read of a line; everything else in it is passed over."""
    point = {"attributes": attributes, **dict.fromkeys(("startTime", "endTime", "value"), "JSON")}
    metric = {
        **dict.fromkeys(("aggregationTemporality", "dataPointType", "isMonotonic", "unit"), TEXT),
        "descriptor": {"name": TEXT, "unit": TEXT},
        "dataPoints": [point],
    }
    return {
        **dict.fromkeys(("type", "traceId", "spanId", "parentSpanId", "name", "kind", "eventName"), TEXT),
        **dict.fromkeys(("_spanContext", "spanContext", "parentSpanContext"), CONTEXT),
        **dict.fromkeys(("startTime", "endTime", "hrTime", "hrTimeObserved", "body", "_body"), "JSON"),
        **dict.fromkeys(("instrumentationScope", "instrumentationLibrary", "_instrumentationScope"), SCOPE),
        "status": {"code": TEXT},
        "attributes": attributes,
        "events": [{"name": TEXT, "time": "JSON", "attributes": attributes}],
        "resource": {"attributes": attributes, "_attributes": attributes, "_rawAttributes": "JSON"},
        **metric,
        "scopeMetrics": [{"metrics": [metric]}],
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

    As otlp.parse_lines does; nothing is raised for what a file holds.
    """
    kept = KeptLines(rejected)
    records = RecordReader(connection, reads, pseudonymizer, kept, keep_content=keep_content)
    for chunk in chunks(reads, kept):
        connection.register("chunk_lines", chunk)
        attributes = _take_apart(connection)
        kinds = _note_lines(connection, reads, records)
        _resources(connection, attributes)
        records.resources()
        if "span" in kinds:
            yield from records.spans(_spans(attributes))
            yield from records.events(_span_events(attributes))
        if "log" in kinds:
            yield from records.events(_log_records(attributes))
        if "metric" in kinds:
            yield from records.metric_points(_metric_points(attributes))
        connection.unregister("chunk_lines")


def _take_apart(connection: DuckDBPyConnection) -> str:
    """Fills `parsed` with the members of every line, and what it is; returns the type of its attributes.

    Attributes are maps where every line can be read so: a map cannot hold a name twice, as JSON can.
    """
    text_of_line = "ltrim(text, chr(65279))"
    lines = f"(select line, {text_of_line} as text from chunk_lines where not regexp_full_match(text, '\\s*'))"

    def create(document: str) -> None:
        connection.execute(
            f"""
            create or replace table parsed as
            select *, case
                when "type" = 'span' then 'span'
                when coalesce(traceId, _spanContext.traceId) is not null and hrTime is null then 'span'
                when "type" = 'metric' or scopeMetrics is not null or dataPoints is not null then 'metric'
                when "type" = 'log' or hrTime is not null then 'log'
            end as record_kind
            from (select line, unnest({document}) from {lines})
            """
        )

    try:
        create(f"from_json(text, {literal(json.dumps(_structure(MAP)))})")
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error:  # whose message may quote the line
        create(f"try(from_json(text, {literal(json.dumps(_structure('JSON')))}))")
        return "JSON"
    return MAP


def _note_lines(connection: DuckDBPyConnection, reads: Sequence[FileRead], records: RecordReader) -> set[str]:
    """Counts lines and signals; notes the lines that are none of the known records. Returns the kinds of records."""
    rows = connection.execute(
        f"select line // {FILE_FACTOR}, record_kind, count(*) from parsed group by all"
    ).fetchall()
    for number, kind, count in rows:
        reads[number].lines += count
        if kind:
            reads[number].signals.add(SIGNALS[kind])
    bad = connection.execute(
        """
        select line, case when json_valid(ltrim(text, chr(65279)))
            then 'neither a span, a log record nor a metric' else 'not valid JSON (cut off or damaged)' end
        from chunk_lines semi join (select line from parsed where record_kind is null) using (line) order by line
        """
    ).fetchall()
    for line, reason in bad:
        note(reads[line // FILE_FACTOR], line % FILE_FACTOR, reason)
    records.keep_lines({line for line, _ in bad})
    return {kind for _, kind, _ in rows if kind}


def _resources(connection: DuckDBPyConnection, attributes: str) -> None:
    """Fills `resources`: of a line that is a record the attributes of its resource, in any of the SDK's ways."""
    flat = "coalesce(resource.attributes, resource._attributes)"
    raw = "resource._rawAttributes"
    connection.execute(
        f"""
        create or replace table resources as
        select
            line, 0 as resource,
            coalesce({names(flat, attributes)}, json_extract_string({raw}, '$[*][0]'), []) as names,
            coalesce({texts(flat, attributes)}, list_transform(
                json_extract({raw}, '$[*][1]'), lambda value: {text("value")}
            ), []) as texts
        from parsed where record_kind is not null
        """
    )


_SCOPES = """
    coalesce(instrumentationScope.name, instrumentationLibrary.name, _instrumentationScope.name) as scope_name,
    coalesce(instrumentationScope.version, instrumentationLibrary.version, _instrumentationScope.version)
        as scope_version
"""


def _attributes(place: str, attributes: str) -> str:
    return f"coalesce({names(place, attributes)}, []) as names, coalesce({texts(place, attributes)}, []) as texts"


def _nanoseconds(time: str) -> str:
    """The text of the nanoseconds of a pair of seconds and nanoseconds; NULL where it is none."""
    seconds, rest = (f"try_cast(json_extract_string({time}, '$[{part}]') as bigint)" for part in (0, 1))
    # As wide as any product of the two: what is no time is told of its span, and costs no other.
    return f"cast(cast({seconds} as hugeint) * 1000000000 + {rest} as varchar)"


def _spans(attributes: str) -> str:
    listed = ", ".join(literal(f"SPAN_KIND_{kind}") for kind in SPAN_KINDS)
    return f"""
        select
            line, 0 as resource, {_SCOPES}, coalesce(traceId, _spanContext.traceId) as trace,
            coalesce(spanId, _spanContext.spanId) as span, coalesce(parentSpanId, parentSpanContext.spanId) as parent,
            name as span_name,
            coalesce([{listed}][cast(try_cast(kind as smallint) as bigint) + 1], 'SPAN_KIND_' || kind) as kind,
            {_nanoseconds("startTime")} as started, {_nanoseconds("endTime")} as ended, status.code as status,
            events as span_events, {_attributes("attributes", attributes)}
        from parsed where record_kind = 'span'
    """


def _span_events(attributes: str) -> str:
    return f"""
        select
            line, resource, scope_name, scope_version, 'span_event' as event_source, item.name as event_field,
            cast(null as varchar) as body, {_nanoseconds("item.time")} as occurred, cast(null as varchar) as observed,
            trace_id as trace, span_id as span, {_attributes("item.attributes", attributes)}
        from (
            select line, resource, scope_name, scope_version, trace_id, span_id, unnest(span_events) as item
            from span_records where problem is null
        )
    """


def _log_records(attributes: str) -> str:
    return f"""
        select
            line, 0 as resource, {_SCOPES}, 'log_record' as event_source, eventName as event_field,
            json_extract_string(coalesce(body, _body), '$') as body, {_nanoseconds("hrTime")} as occurred,
            {_nanoseconds("hrTimeObserved")} as observed, coalesce(traceId, spanContext.traceId) as trace,
            coalesce(spanId, spanContext.spanId) as span, {_attributes("attributes", attributes)}
        from parsed where record_kind = 'log'
    """


def _metric_points(attributes: str) -> str:
    """Points of Copilot's own lines, and of the SDK's, where a line holds all metrics of an export."""
    members = "aggregationTemporality, dataPointType, isMonotonic, dataPoints"
    listed = ", ".join(literal(point_type) for point_type in POINT_TYPES)
    point_type = f"[{listed}][cast(try_cast(dataPointType as smallint) as bigint) + 1]"
    return f"""
        select
            line, resource, metric_name, unit,
            coalesce({point_type}, case json_type(point.value) when 'OBJECT' then 'histogram' else 'sum' end)
                as point_type,
            cast(cast(try_cast(aggregationTemporality as smallint) as bigint) + 1 as varchar) as temporality,
            isMonotonic as is_monotonic,
            {_nanoseconds("point.startTime")} as started, {_nanoseconds("point.endTime")} as observed,
            cast(null as varchar) as as_int,
            case when json_type(point.value) <> 'OBJECT' then json_extract_string(point.value, '$') end as as_double,
            json_extract_string(point.value, '$.sum') as point_sum,
            json_extract_string(point.value, '$.count') as point_count,
            {_attributes("point.attributes", attributes)}
        from (
            select *, unnest(dataPoints) as point from (
                select line, 0 as resource, coalesce(name, descriptor.name) as metric_name,
                    coalesce(unit, descriptor.unit) as unit, {members}
                from parsed where record_kind = 'metric'
                union all
                select line, resource, metric.descriptor.name, metric.descriptor.unit,
                    {", ".join(f"metric.{member}" for member in members.split(", "))}
                from (
                    select line, resource, unnest(of_scope.metrics) as metric from (
                        select line, 0 as resource, unnest(scopeMetrics) as of_scope
                        from parsed where record_kind = 'metric'
                    )
                )
            )
        )
    """
