"""Parquet files of the tables that ClickHouse's exporter fills, as ClickHouse or otlp2parquet write them.

Names in Pascal case; attributes as a map of texts, or as JSON in a text; durations in nanoseconds; ids as text, or as
bytes. One signal a file: spans, log records or points of metrics.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection

from dlt_pipelines.errors import RejectedFile
from dlt_pipelines.identifiers import Pseudonymizer
from dlt_pipelines.otel.flat_attributes import names, texts
from dlt_pipelines.otel.lines import FILE_FACTOR, KeptLines
from dlt_pipelines.otel.records import Batches, RecordReader, readable
from dlt_pipelines.otel.trace_file import FileRead
from dlt_pipelines.sql import quoted

ROWS_AT_ONCE = 20_000
REMEDY = "Export the columns of otel_traces, otel_logs or otel_metrics_*, or leave it out by SOURCES__OTEL__FILE_GLOB."
# What tells a signal by: its columns, all of which must be there.
SIGNALS = {
    "traces": {"Timestamp", "TraceId", "SpanId", "SpanName", "SpanAttributes"},
    "logs": {"Timestamp", "LogAttributes"},
    "metrics": {"MetricName", "TimeUnix", "Attributes"},
}


def signal_of(path: Path, name: str) -> str:
    """The signal of a file; raises RejectedFile where it is none of the tables, or no whole Parquet file."""
    try:
        columns = {column.casefold() for column in pq.ParquetFile(path).schema_arrow.names}
    except (pa.ArrowInvalid, OSError):
        raise RejectedFile(f"{name}: cut off or not Parquet", "Deliver it whole; the other files are loaded.") from None
    for signal, wanted in SIGNALS.items():
        if {column.casefold() for column in wanted} <= columns:
            return signal
    raise RejectedFile(f"{name}: Parquet without the columns of traces, logs or metrics", REMEDY)


def parse_tables(
    connection: DuckDBPyConnection,
    reads: Sequence[FileRead],
    pseudonymizer: Pseudonymizer,
    rejected: Path | None,
    *,
    keep_content: bool = False,
) -> Batches:
    """Yields (raw table, Arrow batch) of whole files, some rows at a time; fills each `FileRead` as it goes.

    A line is a row. As otlp.parse_lines does for bad records.
    """
    records = RecordReader(connection, reads, pseudonymizer, KeptLines(rejected), keep_content=keep_content)
    for number, read in enumerate(reads):
        signal = signal_of(read.file.path, read.file.name)
        read.signals.add(signal)
        for rows in _chunks(read, number):
            connection.register("table_rows", rows)
            table = _Table(connection)
            table.resources()
            records.resources()
            connection.execute(
                "create or replace temp view chunk_lines as"
                " select line, cast(to_json(table_rows) as varchar) as text from table_rows"
            )
            if signal == "traces":
                yield from records.spans(table.spans())
                if events := table.span_events():
                    yield from records.events(events)
            elif signal == "logs":
                yield from records.events(table.log_records())
            else:
                yield from records.metric_points(table.metric_points())
            connection.execute("drop view chunk_lines")
            connection.unregister("table_rows")


def _chunks(read: FileRead, number: int) -> Iterator[pa.Table]:
    """The rows of a file with their ids, ROWS_AT_ONCE at a time."""
    with pq.ParquetFile(read.file.path) as file:
        for batch in readable(file.iter_batches(batch_size=ROWS_AT_ONCE)):
            first = number * FILE_FACTOR + read.next_line
            ids = pa.array(range(first, first + batch.num_rows), pa.int64())
            read.next_line += batch.num_rows
            read.lines += batch.num_rows
            yield pa.Table.from_batches([batch]).append_column("line", ids)


class _Table:
    """The SQL over `table_rows` by the columns that it has, whose types differ between writers."""

    def __init__(self, connection: DuckDBPyConnection) -> None:
        self._connection = connection
        described = connection.execute("describe table_rows").fetchall()
        self._types = {name.casefold(): (name, str(sql_type)) for name, sql_type, *_ in described}

    def _has(self, column: str) -> bool:
        return column.casefold() in self._types

    def _type(self, column: str) -> str:
        return self._types[column.casefold()][1]

    def _place(self, column: str) -> str:
        return quoted(self._types[column.casefold()][0]) if self._has(column) else "null"

    def _text(self, *columns: str) -> str:
        """The text of the first of the columns that is there."""
        for column in columns:
            if self._has(column):
                place = self._place(column)
                # Bytes that are an id, or text in ClickHouse's strings of a fixed length.
                if self._type(column) == "BLOB":
                    return f"case when octet_length({place}) in (8, 16) then hex({place}) else try(decode({place})) end"
                return f"cast({place} as varchar)"
        return "cast(null as varchar)"

    def _nanoseconds(self, *columns: str) -> str:
        for column in columns:
            if self._has(column):
                place, sql_type = self._place(column), self._type(column)
                if sql_type.startswith("TIMESTAMP"):
                    return f"try(epoch_ns({place}))"
                return f"coalesce(try_cast({place} as bigint), try(epoch_ns(try_cast({place} as timestamp_ns))))"
        return "cast(null as bigint)"

    def _attributes(self, column: str) -> tuple[str, str]:
        """The lists of names and of texts."""
        return _of_attributes(self._place(column), self._type(column) if self._has(column) else "MAP(VARCHAR, VARCHAR)")

    def resources(self) -> None:
        """Fills `resources`; the service has a column of its own, too."""
        listed, values = self._attributes("ResourceAttributes")
        self._connection.execute(
            f"""
            create or replace table resources as
            select line, 0 as resource, list_append(coalesce({listed}, []), 'service.name') as names,
                list_append(coalesce({values}, []), {self._text("ServiceName")}) as texts
            from table_rows
            """
        )

    def spans(self) -> str:
        listed, values = self._attributes("SpanAttributes")
        started = self._nanoseconds("Timestamp")
        ended = f"cast({started} as hugeint) + try_cast({self._place('Duration')} as bigint)"
        events = self._place("Events") if self._is_list_of_structs() else "null"
        columns = ", ".join(
            f"{self._place(f'Events.{part}')} as event_{part.lower()}" for part in ("Timestamp", "Name", "Attributes")
        )
        return f"""
            select
                line, 0 as resource,
                {self._text("ScopeName")} as scope_name, {self._text("ScopeVersion")} as scope_version,
                {self._text("TraceId")} as trace, {self._text("SpanId")} as span,
                {self._text("ParentSpanId")} as parent,
                {self._text("SpanName")} as span_name, {_prefixed(self._text("SpanKind"), "SPAN_KIND_")} as kind,
                cast({started} as varchar) as started, cast({ended} as varchar) as ended,
                {_prefixed(self._text("StatusCode"), "STATUS_CODE_")} as status, {events} as span_events, {columns},
                coalesce({listed}, []) as names, coalesce({values}, []) as texts
            from table_rows
        """

    def _is_list_of_structs(self) -> bool:
        return self._has("Events") and self._type("Events").startswith("STRUCT") and self._type("Events").endswith("[]")

    def span_events(self) -> str | None:
        """The events on the spans that were read: lists side by side (Nested) or a list of structures."""
        places = ("event_timestamp", "event_name", "event_attributes")
        if self._has("Events.Name"):
            sql_type = self._type("Events.Attributes").removesuffix("[]")
        elif self._is_list_of_structs():
            members = ("Timestamp", "Name", "Attributes")
            places = tuple(f"list_transform(span_events, lambda item: item.{member})" for member in members)  # type: ignore[assignment]
            found = self._connection.execute(
                f"select typeof({self._place('Events')}[1].Attributes) from table_rows limit 1"
            ).fetchone()
            sql_type = str(found[0]) if found else "VARCHAR"
        else:
            return None
        names_of_parts = ("happened", "name", "attributes")
        parts = ", ".join(f"unnest({place}) as {part}" for place, part in zip(places, names_of_parts, strict=True))
        listed, values = _of_attributes("attributes", sql_type)
        return f"""
            select
                line, resource, scope_name, scope_version, 'span_event' as event_source, name as event_field,
                cast(null as varchar) as body, cast(try(epoch_ns(happened)) as varchar) as occurred,
                cast(null as varchar) as observed, trace_id as trace, span_id as span,
                coalesce({listed}, []) as names, coalesce({values}, []) as texts
            from (
                select line, resource, scope_name, scope_version, trace_id, span_id, {parts}
                from span_records where problem is null
            )
        """

    def log_records(self) -> str:
        listed, values = self._attributes("LogAttributes")
        return f"""
            select
                line, 0 as resource,
                {self._text("ScopeName")} as scope_name, {self._text("ScopeVersion")} as scope_version,
                'log_record' as event_source, {self._text("EventName")} as event_field, {self._text("Body")} as body,
                cast({self._nanoseconds("Timestamp")} as varchar) as occurred,
                cast({self._nanoseconds("ObservedTimestamp", "TimestampTime")} as varchar) as observed,
                {self._text("TraceId")} as trace, {self._text("SpanId")} as span,
                coalesce({listed}, []) as names, coalesce({values}, []) as texts
            from table_rows
        """

    def metric_points(self) -> str:
        """Gauges and sums have a value, sums tell whether they grow; histograms have a sum and a count."""
        listed, values = self._attributes("Attributes")
        kind = "histogram" if not self._has("Value") else "sum" if self._has("IsMonotonic") else "gauge"
        return f"""
            select
                line, 0 as resource, {self._text("MetricName")} as metric_name, {self._text("MetricUnit")} as unit,
                '{kind}' as point_type, {self._text("AggregationTemporality", "AggTemp")} as temporality,
                {self._text("IsMonotonic")} as is_monotonic,
                cast({self._nanoseconds("StartTimeUnix")} as varchar) as started,
                cast({self._nanoseconds("TimeUnix")} as varchar) as observed,
                cast(null as varchar) as as_int, {self._text("Value")} as as_double, {self._text("Sum")} as point_sum,
                {self._text("Count")} as point_count, coalesce({listed}, []) as names, coalesce({values}, []) as texts
            from table_rows
        """


def _of_attributes(place: str, sql_type: str) -> tuple[str, str]:
    if sql_type.startswith("MAP"):
        return names(place, sql_type), texts(place, sql_type)
    document = f"try(decode({place}))" if sql_type == "BLOB" else place
    document = f"to_json({place})" if sql_type.startswith("STRUCT") else document
    document = f"try_cast({document} as json)"
    return names(document, "JSON"), texts(document, "JSON")


def _prefixed(word: str, prefix: str) -> str:
    """ClickHouse writes Client where OTLP has SPAN_KIND_CLIENT; numbers are OTLP's."""
    return (
        f"case when {word} = '' then null when try_cast({word} as integer) is not null then {word}"
        f" else '{prefix}' || replace(upper({word}), '{prefix}', '') end"
    )
