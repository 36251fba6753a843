"""From records with lists of attributes, in any form, to batches of the raw tables.

A form's reader fills the table `resources` (line, resource, names, texts) and hands over queries of its records as
they were written, every value a text; here ids, times and words are put into one form, records that cannot be loaded
are noted with their line, attributes become columns and persons pseudonyms.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterable, Iterator, Sequence

import duckdb
import pyarrow as pa
from duckdb import DuckDBPyConnection

from dlt_pipelines.branches import Branches
from dlt_pipelines.identifiers import Namespace, Pseudonymizer
from dlt_pipelines.otel.attributes import Mapping, content_names, mapped_names
from dlt_pipelines.otel.content import (
    harmless_name,
    harmless_value,
    is_content,
    is_kept,
    set_digest_key,
    without_nul,
)
from dlt_pipelines.otel.lines import FILE_FACTOR, KeptLines, note
from dlt_pipelines.otel.tables import EVENTS, METRIC_POINTS, SPANS
from dlt_pipelines.otel.trace_file import FileRead, UnreadableContent
from dlt_pipelines.reports import ROWS_PER_BATCH
from dlt_pipelines.schema import Table
from dlt_pipelines.sql import exact_decimal, literal, quoted

Batches = Generator[tuple[str, pa.RecordBatch], None, None]

ANTHROPIC_USER = re.compile(r"user_[0-9A-Za-z]{20,}")

# Events that bear usage, an outcome or a decision; everything else that is logged is counted and left out.
EVENT_NAMES = (
    # Claude Code, monitoring-usage
    *("claude_code.api_request", "claude_code.api_error", "claude_code.tool_result", "claude_code.tool_decision"),
    "claude_code.user_prompt",
    # semantic-conventions-genai, model/gen-ai/events.yaml
    *("gen_ai.evaluation.result", "gen_ai.client.inference.operation.details"),
    # openai/codex, otel events
    *("codex.user_prompt", "codex.sse_event", "codex.tool_result", "codex.tool_decision"),
    # Gemini CLI, docs/cli/telemetry
    *("gemini_cli.api_response", "gemini_cli.api_error", "gemini_cli.tool_call", "gemini_cli.user_prompt"),
    # VS Code, agent monitoring
    *("copilot_chat.edit.feedback", "copilot_chat.edit.hunk.action"),
)
# Codex streams hundreds of these per run; those without tokens say nothing.
NEEDS_TOKENS = "codex.sse_event"
TOKENS_OF_IT = ("input_token_count", "output_token_count")
CLAUDE_CODE_SCOPE = "com.anthropic.claude_code"

METRIC_NAMES = r"(?:claude_code|gen_ai|copilot_chat|github\.copilot|codex)\..*|gemini_cli\.token\.usage|operation\.cost"

# How DuckDB's messages begin that speak of memory and disk.
OF_THE_MACHINE = ("Out of Memory Error", "IO Error")

# So many names are looked up one by one; beyond, a record's attributes are gone through.
MOST_LOOKUPS = 40

SPAN_KINDS = ("internal", "server", "client", "producer", "consumer")
STATUS_CODES = ("unset", "ok", "error")


class RecordReader:
    """Turns a form's records of one chunk after another into batches, and keeps count in the files' readings."""

    def __init__(
        self,
        connection: DuckDBPyConnection,
        reads: Sequence[FileRead],
        pseudonymizer: Pseudonymizer,
        kept: KeptLines,
        *,
        keep_content: bool = False,
    ) -> None:
        self._connection = connection
        self._reads = reads
        self._pseudonymizer = pseudonymizer
        branches = Branches(pseudonymizer)
        self._masks = {
            "branch": branches.masked,
            "session_url": branches.in_address,
            "logs_url": branches.in_address,
        }
        self._kept = kept
        self._keep_content = keep_content
        self._ordinal = 0
        self._resource_names: list[str] = []
        set_digest_key(connection, pseudonymizer)
        keys = pa.array([read.file.report_load_key for read in reads], pa.string())
        connection.register("reading_keys", pa.table({"number": pa.array(range(len(reads)), pa.int64()), "key": keys}))
        connection.execute("create or replace table readings as from reading_keys")
        connection.unregister("reading_keys")

    def resources(self) -> None:
        """Looks up what the attributes of `resources` say, once for all records of each; to be called first."""
        self._resource_names = self._names_in("resources")
        mapping = Mapping("span", (), self._resource_names)
        columns = ["line", "resource", *mapping.resource.lookups("resources")]
        columns.append(f"{self._members('resources', self._resource_names)} as resource_members")
        self._connection.execute(
            f"create or replace table resource_values as select {', '.join(columns)} from resources"
        )

    def spans(self, query: str) -> Batches:
        """Batches of `spans`, from records with these texts: trace, span, parent, span_name, kind, started, ended,
        status, scope_name, scope_version, and line, resource, names, texts. Leaves them in `span_records`."""
        self._connection.execute(
            f"""
            create or replace table span_records as
            select *, case
                when coalesce(trace, '') = '' then 'a span without traceId'
                when trace_id is null then 'traceId is neither 32 hex digits nor base64 of 16 bytes'
                when trace_id = repeat('0', 32) then 'traceId is all zeros'
                when coalesce(span, '') = '' then 'a span without spanId'
                when span_id is null then 'spanId is neither 16 hex digits nor base64 of 8 bytes'
                when span_id = repeat('0', 16) then 'spanId is all zeros'
                when parent <> '' and parent_span_id is null
                then 'parentSpanId is neither 16 hex digits nor base64 of 8 bytes'
                when started_ns is null then 'a span without startTimeUnixNano'
            end as problem
            from (
                select
                    *,
                    {_hex_id("trace", 16)} as trace_id,
                    {_hex_id("span", 8)} as span_id,
                    {_hex_id("parent", 8)} as parent_span_id,
                    {_nanoseconds("started")} as started_ns,
                    {_nanoseconds("ended")} as ended_ns
                from ({query})
            )
            """
        )
        self._note_problems("span_records")
        values = {
            "trace_id": "trace_id",
            "span_id": "span_id",
            "parent_span_id": "nullif(parent_span_id, '0000000000000000')",
            "span_name": without_nul(f"coalesce({harmless_name('span_name')}, '')"),
            "span_kind": _word("kind", SPAN_KINDS, "span_kind_", first=1),
            "started_at": _moment("started_ns"),
            "ended_at": _moment("ended_ns"),
            "duration_ns": "ended_ns - started_ns",
            "status_code": _word("coalesce(status, '0')", STATUS_CODES, "status_code_"),
            **_SCOPE,
        }
        yield from self._batches(SPANS, "span", "span_records", values)

    def events(self, query: str) -> Batches:
        """Batches of `events`, from records with these texts: event_source, event_field, body, occurred, observed,
        trace, span, scope_name, scope_version, and line, resource, names, texts."""
        said = ("event_field", "texts[list_position(names, 'event.name')]", "body")
        canonical = ", ".join(_canonical(name) for name in said)
        self._connection.execute(
            f"""
            create or replace table event_records as
            select *, case
                when event_name is not null and happened_ns is null then 'a log record without timeUnixNano'
            end as problem
            from (
                select
                    *,
                    coalesce({canonical}) as event_name,
                    coalesce({_nanoseconds("occurred")}, {_nanoseconds("observed")}) as happened_ns
                from ({query})
            )
            """
        )
        self._connection.execute(
            f"update event_records set event_name = null where event_name = {literal(NEEDS_TOKENS)}"
            f" and not coalesce(list_has_any(names, {_list(TOKENS_OF_IT)}), false)"
        )
        self._note_problems("event_records")
        self._count_ignored("event_records", "event_name is null", "ignored_events")
        self._connection.execute("delete from event_records where event_name is null")
        values = {
            "event_source": "event_source",
            "event_name": "event_name",
            "occurred_at": _moment("happened_ns"),
            "trace_id": f"nullif({_hex_id('trace', 16)}, repeat('0', 32))",
            "span_id": f"nullif({_hex_id('span', 8)}, repeat('0', 16))",
            **_SCOPE,
        }
        yield from self._batches(EVENTS, "event", "event_records", values)

    def metric_points(self, query: str) -> Batches:
        """Batches of `metric_points`, from records with these texts: metric_name, unit, point_type, temporality,
        is_monotonic, started, observed, as_int, as_double, point_sum, point_count, and line, resource, names, texts."""
        self._connection.execute(
            f"""
            create or replace table point_records as
            select *, case when observed_ns is null then 'a metric point without timeUnixNano' end as problem
            from (
                select *, {_nanoseconds("started")} as started_ns, {_nanoseconds("observed")} as observed_ns
                from ({query})
            )
            """
        )
        known = f"point_type is not null and regexp_full_match(metric_name, {literal(METRIC_NAMES)})"
        self._count_ignored("point_records", f"not coalesce({known}, false)", "ignored_points")
        self._connection.execute(f"delete from point_records where not coalesce({known}, false)")
        self._note_problems("point_records")
        number = exact_decimal("coalesce(as_int, as_double, point_sum)")
        values = {
            "metric_name": without_nul("metric_name"),
            "unit": f"nullif({without_nul('unit')}, '')",
            "point_type": "point_type",
            "temporality": _word("temporality", ("delta", "cumulative"), "aggregation_temporality_", first=1),
            "is_monotonic": "try_cast(is_monotonic as boolean)",
            "started_at": _moment("started_ns"),
            "observed_at": _moment("observed_ns"),
            "value": number,
            "count": "try_cast(point_count as bigint)",
        }
        yield from self._batches(METRIC_POINTS, "point", "point_records", values)

    def _batches(self, table: Table, kind: str, records: str, values: dict[str, str]) -> Batches:
        names = self._names_in(records)
        mapping = Mapping(kind, names, self._resource_names)
        values = {
            **values,
            **self._people(mapping, records),
            "report_load_key": "reading.key",
            "record_ordinal": "null",
            "extra": "case when coalesce(record_members, resource_members) is not null"
            " then '{' || concat_ws(',', record_members, resource_members) || '}' end",
        }
        columns = ", ".join(
            f"cast({values.get(column.name) or mapping.value(column)} as {column.sql_type}) as {quoted(column.name)}"
            for column in table.columns
        )
        user = values.get("user_text")
        joined_users = f"left join user_keys on {user} = user_keys.identifier" if user else ""
        lookups = "".join(f", {lookup}" for lookup in mapping.record.lookups("record"))
        reader = self._connection.execute(
            f"""
            select {columns} from (
                select
                    record.* exclude (names, texts), values_of.* exclude (line, resource),
                    {self._members("record", names)} as record_members{lookups}
                from {records} as record
                left join resource_values as values_of using (line, resource)
                where problem is null
            ) as found
            inner join readings as reading on found.line // {FILE_FACTOR} = reading.number
            {joined_users}
            """
        ).to_arrow_reader(ROWS_PER_BATCH)
        place = next(i for i, column in enumerate(table.columns) if column.name == "record_ordinal")
        for batch in readable(reader):
            if batch.num_rows:
                ordinals = pa.array(range(self._ordinal + 1, self._ordinal + batch.num_rows + 1), pa.int64())
                self._ordinal += batch.num_rows
                yield table.name, self._without_logins(batch.set_column(place, "record_ordinal", ordinals))
        for number, count in self._connection.execute(
            f"select line // {FILE_FACTOR}, count(*) from {records} where problem is null group by all"
        ).fetchall():
            setattr(self._reads[number], table.name, getattr(self._reads[number], table.name) + count)

    def _without_logins(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The batch with its branches masked; each different one is looked at once."""
        for name, mask in self._masks.items():
            place = batch.schema.get_field_index(name)
            if place < 0 or batch.column(place).null_count == batch.num_rows:
                continue
            column = batch.column(place).dictionary_encode()
            clear = column.dictionary.to_pylist()
            masked = [mask(text) for text in clear]
            if masked != clear:
                texts = pa.array(masked, column.dictionary.type).take(column.indices)
                batch = batch.set_column(place, batch.schema.field(place), texts)
        return batch

    def _names_in(self, table: str) -> list[str]:
        rows = self._connection.execute(f"select distinct unnest(names) as name from {table} order by name").fetchall()
        return [name for (name,) in rows if name and "\0" not in name]

    def _members(self, record: str, names: Sequence[str]) -> str:
        """The members of the JSON object of attributes that no column has; NULL where there are none."""
        mapped = mapped_names()
        content = [name for name in names if self._keep_content and (name in content_names() or is_content(name))]
        kept = [name for name in names if name not in mapped and name not in content and is_kept(name)]
        if not kept and not content:
            return "cast(null as varchar)"
        if len(kept) + len(content) <= MOST_LOOKUPS:
            members = []
            for name in [*kept, *content]:
                text = without_nul(f"{record}.texts[list_position({record}.names, {literal(name)})]")
                wanted = f"{text} <> ''" if name in content else f"{text} <> '' and {harmless_value(text)}"
                key = json.dumps(name, ensure_ascii=False) + ":"
                members.append(f"case when {wanted} then concat({literal(key)}, to_json({text})) end")
            return f"nullif(concat_ws(',', {', '.join(members)}), '')"
        # Two filters: within one, DuckDB would look at every value of every record.
        pairs = f"list_zip({record}.names, {record}.texts)"
        wanted = f"list_filter({pairs}, lambda pair: list_contains({_list([*kept, *content])}, pair[1]))"
        harmless = harmless_value("pair[2]")
        if content:
            harmless = f"(list_contains({_list(content)}, pair[1]) or {harmless})"
        left = f"list_filter({wanted}, lambda pair: pair[2] <> '' and {harmless})"
        said = without_nul("pair[2]")
        written = f"list_transform({left}, lambda pair: concat(to_json(pair[1]), ':', to_json({said})))"
        return f"nullif(array_to_string({written}, ','), '')"

    def _people(self, mapping: Mapping, records: str) -> dict[str, str]:
        """The SQL of the pseudonym columns; makes the table user_keys of everybody in the records."""
        found = mapping.found("user_key")
        if not found:
            return {}
        users: set[str] = set()
        own = mapping.record.names
        for row, place in found:
            source = (
                f"select {without_nul(f'texts[list_position(names, {literal(row.attribute_name)})]')} as identifier"
                f" from {records}"
                if row.attribute_name in own and place == mapping.record.place(row.attribute_name)
                else f"select {place} as identifier from resource_values"
            )
            users |= {
                user
                for (user,) in self._connection.execute(f"select distinct identifier from ({source})").fetchall()
                if user
            }
        listed = sorted(users)
        namespaces = [_namespace(user) for user in listed]
        keys = [self._pseudonymizer.key(namespace, user) for namespace, user in zip(namespaces, listed, strict=True)]
        table = pa.table(
            {
                "identifier": pa.array(listed, pa.string()),
                "namespace": pa.array(namespaces, pa.string()),
                "key": pa.array(keys, pa.string()),
            }
        )
        self._connection.register("new_keys", table)
        self._connection.execute("create or replace table user_keys as from new_keys")
        self._connection.unregister("new_keys")
        return {
            "user_text": f"coalesce({', '.join(place for _, place in found)})",
            "user_key": "user_keys.key",
            "user_namespace": "user_keys.namespace",
        }

    def _note_problems(self, records: str) -> None:
        rows = self._connection.execute(
            f"select line, problem from {records} where problem is not null group by all order by all"
        ).fetchall()
        for line, problem in rows:
            note(self._reads[line // FILE_FACTOR], line % FILE_FACTOR, problem)
        self.keep_lines({line for line, _ in rows})

    def keep_lines(self, lines: set[int]) -> None:
        """Keeps the bytes of lines of the table `chunk_lines` (line, text) aside, where anything is kept."""
        if not lines or self._kept.folder is None:
            return
        bad = pa.table({"line": pa.array(sorted(lines), pa.int64())})
        self._connection.register("bad_lines", bad)
        found = self._connection.execute(
            "select line, text from chunk_lines semi join bad_lines using (line) order by line"
        ).fetchall()
        self._connection.unregister("bad_lines")
        for line, text in found:
            self._kept.keep(self._reads[line // FILE_FACTOR], text.encode())

    def _count_ignored(self, records: str, condition: str, counter: str) -> None:
        for number, count in self._connection.execute(
            f"select line // {FILE_FACTOR}, count(*) from {records} where {condition} group by all"
        ).fetchall():
            setattr(self._reads[number], counter, getattr(self._reads[number], counter) + count)


def readable(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The batches; raises UnreadableContent where one cannot be made of what a file holds.

    Arrow tells it by an OSError of its own, whose message may quote the value.
    """
    iterator = iter(batches)
    while True:
        try:
            batch = next(iterator, None)
        except (OSError, pa.ArrowException) as error:
            if str(error).startswith(OF_THE_MACHINE):
                raise duckdb.OperationalError(str(error).partition("\n")[0]) from None
            raise UnreadableContent from None
        if batch is None:
            return
        yield batch


_SCOPE = {name: f"nullif({without_nul(name)}, '')" for name in ("scope_name", "scope_version")}


def _list(texts: Sequence[str]) -> str:
    return f"[{', '.join(literal(text) for text in texts)}]"


def _hex_id(text: str, size: int) -> str:
    """An id of so many bytes as lower-case hex digits, from hex or base64; NULL where it is neither."""
    base64 = -(-size * 8 // 6)
    padding = "=" * (-base64 % 4)
    standard = f"translate({text}, '-_', '+/')"
    return (
        f"case when regexp_full_match({text}, '[0-9a-fA-F]{{{2 * size}}}') then lower({text})"
        f" when regexp_full_match({text}, '[A-Za-z0-9+/_-]{{{base64}}}(?:{padding})?')"
        f" then lower(hex(try(from_base64(left({standard}, {base64}) || '{padding}')))) end"
    )


def _nanoseconds(text: str) -> str:
    """Nanoseconds since 1970; NULL where there is no time, which OTLP also writes as 0."""
    return f"case when try_cast({text} as bigint) > 0 then try_cast({text} as bigint) end"


def _moment(nanoseconds: str) -> str:
    return f"make_timestamptz({nanoseconds} // 1000)"


def _word(text: str, words: Sequence[str], prefix: str, first: int = 0) -> str:
    """The word of an enumeration that is written as its number or as its name; NULL for any other."""
    cases = " ".join(
        f"when {literal(str(number))} then {literal(word)} when {literal(prefix + word)} then {literal(word)}"
        for number, word in enumerate(words, first)
    )
    return f"case lower({text}) {cases} end"


def _canonical(name: str) -> str:
    """The event's name as EVENT_NAMES has it; Claude Code writes its own without their first part."""
    listed = ", ".join(literal(known) for known in EVENT_NAMES)
    return (
        f"case when {name} in ({listed}) then {name}"
        f" when scope_name like '{CLAUDE_CODE_SCOPE}%' and 'claude_code.' || {name} in ({listed})"
        f" then 'claude_code.' || {name} end"
    )


def _namespace(user: str) -> Namespace:
    if "@" in user:
        return "email"
    return "anthropic_user" if ANTHROPIC_USER.fullmatch(user) else "otel_user"
