"""Other forms than OTLP: the JavaScript SDK's lines (Copilot CLI, VS Code) and Parquet in ClickHouse's shape."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dlt_pipelines.errors import ExitCode
from tests.dlt_pipelines.otel_bench import Bench, otel_bench, span

__all__ = ["otel_bench"]

TRACE = "3d38e764af7148db9df452343179feb4"
CHAT = {
    "type": "span",
    "traceId": TRACE,
    "spanId": "a131d11ad7970246",
    "parentSpanId": "f3fb54e30755da57",
    "name": "chat claude-sonnet-4.6",
    "kind": 2,
    "startTime": [1789068146, 811000001],
    "endTime": [1789068147, 740000000],
    "attributes": {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "github",
        "gen_ai.conversation.id": "session-1",
        "gen_ai.request.model": "claude-sonnet-4.6",
        "gen_ai.usage.input_tokens": 19452,
        "gen_ai.usage.output_tokens": 281,
        "gen_ai.usage.cache_read.input_tokens": 123,
        "gen_ai.response.finish_reasons": ["stop", "length"],
        "gen_ai.input.messages": '[{"role":"user","content":"a secret"}]',
        "github.copilot.nano_aiu": 2844237700,
        "github.copilot.cost": 3,
        "github.copilot.turn_count": 10,
        "gen_ai.agent.id": None,
    },
    "status": {"code": 2},
    "events": [
        {
            "name": "gen_ai.evaluation.result",
            "time": [1789068147, 5],
            "attributes": {"gen_ai.evaluation.name": "tests", "gen_ai.evaluation.score.value": 0.25},
        }
    ],
    "resource": {"attributes": {"service.name": "github-copilot", "service.version": "1.0.84-4"}},
    "instrumentationScope": {"name": "github.copilot", "version": "1.0.84-4"},
}
METRIC = {
    "type": "metric",
    "name": "gen_ai.client.token.usage",
    "unit": "{token}",
    "dataPoints": [
        {
            "attributes": {"gen_ai.token.type": "input", "gen_ai.request.model": "claude-sonnet-4.6"},
            "startTime": [1789068140, 0],
            "endTime": [1789068147, 332697000],
            "value": {"count": 10, "sum": 208742, "min": 1, "max": 2},
        },
        {
            "attributes": {"gen_ai.token.type": "output"},
            "startTime": [1789068140, 0],
            "endTime": [1789068147, 0],
            "value": 1.5,
        },
    ],
}


def write(bench: Bench, *records: dict[str, Any], name: str = "traces.jsonl") -> None:
    bench.write(name, "".join(json.dumps(record) + "\n" for record in records))


def one(bench: Bench, table: str, *columns: str) -> tuple[Any, ...]:
    """The only row of a table."""
    (row,) = bench.rows(f"select {', '.join(columns)} from {bench.counted(table)}")
    return row


def test_a_span_of_copilot_cli(bench: Bench) -> None:
    write(bench, CHAT)
    assert bench.extract().problems == []
    assert one(bench, "spans", "trace_id", "span_id", "parent_span_id", "span_name", "span_kind", "status_code") == (
        TRACE,
        "a131d11ad7970246",
        "f3fb54e30755da57",
        "chat claude-sonnet-4.6",
        "client",
        "error",
    )
    assert one(bench, "spans", "started_at", "ended_at", "duration_ns") == (
        datetime(2026, 9, 10, 19, 22, 26, 811000, UTC),
        datetime(2026, 9, 10, 19, 22, 27, 740000, UTC),
        928999999,
    )
    assert one(bench, "spans", "service_name", "service_version", "scope_name", "scope_version") == (
        "github-copilot",
        "1.0.84-4",
        "github.copilot",
        "1.0.84-4",
    )
    assert one(
        bench, "spans", "operation_name", "session_id", "input_tokens", "output_tokens", "cache_read_tokens", "agent_id"
    ) == ("chat", "session-1", 19452, 281, 123, None)
    assert one(bench, "file_readings", "format", "signals", "lines", "spans", "events") == (
        "copilot_cli",
        "traces",
        1,
        1,
        1,
    )


def test_its_ai_units_are_read_and_its_cost_is_no_money(bench: Bench) -> None:
    write(bench, CHAT)
    bench.extract()
    assert one(bench, "spans", "nano_aiu", "reported_cost") == (2844237700, None)


def test_lists_are_joined_and_content_is_left_out(bench: Bench) -> None:
    write(bench, CHAT)
    bench.extract()
    assert one(bench, "spans", "finish_reason") == ("stop,length",)
    (extra,) = one(bench, "spans", "extra")
    assert json.loads(extra)["github.copilot.turn_count"] == "10"
    assert "secret" not in str(bench.rows("select * from raw_otel.spans"))


def test_an_event_on_a_span_of_copilot_cli(bench: Bench) -> None:
    write(bench, CHAT)
    bench.extract()
    assert one(bench, "events", "event_name", "evaluation_name", "evaluation_score", "span_id", "occurred_at") == (
        "gen_ai.evaluation.result",
        "tests",
        Decimal("0.25"),
        "a131d11ad7970246",
        datetime(2026, 9, 10, 19, 22, 27, 0, UTC),
    )


def test_sessions_that_take_turns_and_metrics_in_one_file(bench: Bench) -> None:
    other = {**CHAT, "spanId": "b" * 16, "attributes": {"gen_ai.conversation.id": "session-2"}, "events": []}
    write(bench, CHAT, METRIC, other, {**CHAT, "spanId": "c" * 16})
    assert bench.extract().problems == []
    assert bench.rows("select session_id, count(*) from raw_otel.spans group by all order by all") == [
        ("session-1", 2),
        ("session-2", 1),
    ]
    assert bench.rows(
        "select metric_name, unit, point_type, token_type, value, count from raw_otel.metric_points order by token_type"
    ) == [
        ("gen_ai.client.token.usage", "{token}", "histogram", "input", Decimal(208742), 10),
        ("gen_ai.client.token.usage", "{token}", "sum", "output", Decimal("1.5"), None),
    ]
    assert one(bench, "file_readings", "signals", "lines", "metric_points") == ("metrics,traces", 4, 2)


def test_kinds_are_counted_from_0(bench: Bench) -> None:
    write(bench, *({**CHAT, "spanId": f"{kind + 1:016x}", "kind": kind} for kind in range(5)))
    bench.extract()
    assert bench.rows("select span_kind from raw_otel.spans order by span_id") == [
        ("internal",),
        ("server",),
        ("client",),
        ("producer",),
        ("consumer",),
    ]


def test_bad_lines_of_copilot_cli_are_told_and_the_others_read(bench: Bench) -> None:
    no_start = {name: value for name, value in CHAT.items() if name != "startTime"}
    write(bench, {"type": "metric", "name": "gen_ai.client.token.usage"}, {**CHAT, "spanId": "short"}, no_start)
    bench.append("traces.jsonl", '{"type":"span","tra\n{}\n')
    # A name twice: no map can hold it.
    twice = json.dumps(CHAT).replace('"gen_ai.provider.name": "github"', '"github.copilot.cost": 4')
    bench.append("traces.jsonl", twice + "\n")
    outcome = bench.extract()
    assert outcome.exit_code == ExitCode.REJECTED_DATA
    assert bench.rows("select line_number, reason from raw_otel.rejected_lines order by all") == [
        (2, "spanId is neither 16 hex digits nor base64 of 8 bytes"),
        (3, "a span without startTimeUnixNano"),
        (4, "not valid JSON (cut off or damaged)"),
        (5, "neither a span, a log record nor a metric"),
    ]
    assert one(bench, "spans", "input_tokens", "session_id", "finish_reason") == (19452, "session-1", "stop,length")


def test_spans_as_the_sdk_writes_them_in_vs_code(bench: Bench) -> None:
    raw = {name: CHAT[name] for name in ("name", "kind", "startTime", "endTime", "attributes", "status")}
    raw |= {
        "_spanContext": {"traceId": TRACE, "spanId": "a131d11ad7970246", "traceFlags": 1},
        "parentSpanContext": {"traceId": TRACE, "spanId": "f3fb54e30755da57"},
        "resource": {
            "_rawAttributes": [["service.name", "copilot-chat"], ["host.name", {}]],
            "_memoizedAttributes": {},
        },
        "instrumentationScope": {"name": "copilot-chat"},
        "_duration": [0, 5],
        "events": [],
    }
    write(bench, raw)
    assert bench.extract().problems == []
    assert one(bench, "spans", "trace_id", "parent_span_id", "service_name", "input_tokens", "scope_name") == (
        TRACE,
        "f3fb54e30755da57",
        "copilot-chat",
        19452,
        "copilot-chat",
    )


def test_log_records_and_metrics_as_the_sdk_writes_them_in_vs_code(bench: Bench) -> None:
    log = {
        "hrTime": [1789068147, 0],
        "hrTimeObserved": [1789068148, 0],
        "spanContext": {"traceId": TRACE, "spanId": "a131d11ad7970246"},
        "resource": {"_rawAttributes": [["service.name", "copilot-chat"]]},
        "instrumentationScope": {"name": "copilot-chat"},
        "attributes": {
            "event.name": "gen_ai.client.inference.operation.details",
            "gen_ai.usage.input_tokens": 7,
            "gen_ai.conversation.id": "session-9",
        },
        "_body": "GenAI inference: gpt",
    }
    metrics = {
        "resource": {"_rawAttributes": [["service.name", "copilot-chat"]]},
        "scopeMetrics": [
            {
                "scope": {"name": "copilot-chat"},
                "metrics": [
                    {
                        "descriptor": {"name": "copilot_chat.edit.acceptance.count", "unit": ""},
                        "aggregationTemporality": 1,
                        "dataPointType": 3,
                        "isMonotonic": True,
                        "dataPoints": [
                            {
                                "startTime": [1789068140, 0],
                                "endTime": [1789068147, 0],
                                "attributes": {"copilot_chat.edit.outcome": "accepted"},
                                "value": 4,
                            }
                        ],
                    }
                ],
            }
        ],
    }
    write(bench, metrics, log)
    assert bench.extract().problems == []
    assert one(bench, "events", "event_name", "input_tokens", "session_id", "occurred_at", "trace_id") == (
        "gen_ai.client.inference.operation.details",
        7,
        "session-9",
        datetime(2026, 9, 10, 19, 22, 27, 0, UTC),
        TRACE,
    )
    assert one(bench, "metric_points", "point_type", "temporality", "is_monotonic", "value", "service_name") == (
        "sum",
        "cumulative",
        True,
        Decimal(4),
        "copilot-chat",
    )


def test_a_form_is_known_by_content_not_by_name(bench: Bench) -> None:
    write(bench, CHAT, name="otlp.json")
    write(bench, span(5), name="copilot-otel.jsonl")
    parquet(bench, "traces.txt", TABLE)
    assert bench.extract().problems == []
    assert bench.rows("select source_file, format from raw_otel.file_readings order by all") == [
        ("copilot-otel.jsonl", "otlp_json"),
        ("otlp.json", "copilot_cli"),
        ("traces.txt", "clickhouse_table"),
    ]


# A row of ClickHouse's otel_traces as its exporter fills it: every attribute is a text.
ATTRIBUTES = """map {
    'gen_ai.operation.name': 'chat', 'gen_ai.conversation.id': 'session-1', 'gen_ai.request.model': 'gpt-5.5',
    'gen_ai.usage.input_tokens': '100', 'gen_ai.usage.output_tokens': '20', 'gen_ai.usage.cost': '0.123456789'
}"""
TABLE = f"""
    select
        '2026-09-10 19:22:26.811000001'::timestamp_ns as "Timestamp", '{TRACE.upper()}' as "TraceId",
        'a131d11ad7970246' as "SpanId", '' as "ParentSpanId", '' as "TraceState", 'chat gpt-5.5' as "SpanName",
        'Client' as "SpanKind", 'test-agent' as "ServiceName",
        map {{'service.name': 'test-agent', 'deployment.environment.name': 'ci'}} as "ResourceAttributes",
        'my.scope' as "ScopeName", '1.2' as "ScopeVersion", {ATTRIBUTES} as "SpanAttributes",
        928999999::ubigint as "Duration", 'Ok' as "StatusCode", '' as "StatusMessage",
        ['2026-09-10 19:22:27'::timestamp_ns, '2026-09-10 19:22:27'::timestamp_ns] as "Events.Timestamp",
        ['gen_ai.evaluation.result', 'exception'] as "Events.Name",
        [
            map {{'gen_ai.evaluation.name': 'tests', 'gen_ai.evaluation.score.label': 'pass'}},
            map {{}}::map(varchar, varchar)
        ] as "Events.Attributes"
"""
EXPECTED = (TRACE, "a131d11ad7970246", None, "chat gpt-5.5", "client", "ok", "test-agent", 928999999, 100, 20)
COLUMNS = (
    *("trace_id", "span_id", "parent_span_id", "span_name", "span_kind", "status_code", "service_name", "duration_ns"),
    *("input_tokens", "output_tokens"),
)


def parquet(bench: Bench, name: str, query: str) -> Path:
    path = bench.folder / name
    with duckdb.connect() as connection:
        connection.execute(f"copy ({query}) to '{path}' (format parquet)")
    bench.write(name, path.read_bytes())
    return path


def test_a_table_of_clickhouse(bench: Bench) -> None:
    parquet(bench, "otel_traces.parquet", TABLE)
    assert bench.extract().problems == []
    assert one(bench, "spans", *COLUMNS) == EXPECTED
    assert one(bench, "spans", "started_at", "ended_at", "reported_cost", "session_id", "scope_name") == (
        datetime(2026, 9, 10, 19, 22, 26, 811000, UTC),
        datetime(2026, 9, 10, 19, 22, 27, 740000, UTC),
        Decimal("0.123456789"),
        "session-1",
        "my.scope",
    )
    assert one(bench, "spans", "deployment_environment") == ("ci",)
    assert one(bench, "events", "event_name", "evaluation_label", "occurred_at", "span_id") == (
        "gen_ai.evaluation.result",
        "pass",
        datetime(2026, 9, 10, 19, 22, 27, 0, UTC),
        "a131d11ad7970246",
    )


def test_otlp2parquet_with_attributes_as_json_and_ids_as_bytes(bench: Bench) -> None:
    query = f"""
        select * exclude ("Events.Timestamp", "Events.Name", "Events.Attributes") replace (
            cast(to_json("SpanAttributes") as varchar) as "SpanAttributes",
            cast('{{"deployment.environment.name":"ci"}}' as varchar) as "ResourceAttributes",
            unhex("TraceId") as "TraceId", unhex("SpanId") as "SpanId",
            cast(epoch_ns("Timestamp") as bigint) as "Timestamp",
            'SPAN_KIND_CLIENT' as "SpanKind", '1' as "StatusCode"
        )
        from ({TABLE})
    """
    parquet(bench, "traces/test-agent/year=2026/hour=19/a.parquet".replace("/", "-"), query)
    assert bench.extract().problems == []
    assert one(bench, "spans", *COLUMNS) == EXPECTED
    assert one(bench, "spans", "deployment_environment", "started_at") == (
        "ci",
        datetime(2026, 9, 10, 19, 22, 26, 811000, UTC),
    )


def test_tables_of_logs_and_of_metrics(bench: Bench) -> None:
    parquet(
        bench,
        "logs.parquet",
        f"""
        select '2026-09-10 19:22:27'::timestamp_ns as "Timestamp", unhex('{TRACE}') as "TraceId",
            unhex('a131d11ad7970246') as "SpanId", 'claude-code' as "ServiceName", 'claude_code.api_request' as "Body",
            '{{}}' as "ResourceAttributes", 'com.anthropic.claude_code.events' as "ScopeName",
            '{{"session.id":"session-1","cost_usd":"0.05","input_tokens":"7","model":"claude-sonnet-4-5"}}'
                as "LogAttributes"
        """,
    )
    parquet(
        bench,
        "sums.parquet",
        """
        select 'claude_code.token.usage' as "MetricName", 'tokens' as "MetricUnit",
            map {'session.id': 'session-1', 'type': 'input'} as "Attributes", 12.0::double as "Value",
            '2026-09-10 19:22:00'::timestamp_ns as "StartTimeUnix", '2026-09-10 19:22:27'::timestamp_ns as "TimeUnix",
            'claude-code' as "ServiceName", map {'service.name': 'claude-code'} as "ResourceAttributes",
            1 as "AggregationTemporality", true as "IsMonotonic"
        """,
    )
    assert bench.extract().problems == []
    assert one(
        bench, "events", "event_name", "session_id", "reported_cost", "input_tokens", "trace_id", "service_name"
    ) == (
        "claude_code.api_request",
        "session-1",
        Decimal("0.05"),
        7,
        TRACE,
        "claude-code",
    )
    assert one(
        bench, "metric_points", "metric_name", "point_type", "temporality", "is_monotonic", "value", "token_type"
    ) == (
        "claude_code.token.usage",
        "sum",
        "delta",
        True,
        Decimal(12),
        "input",
    )


def test_a_table_of_many_rows_is_read_once_and_its_bad_rows_are_told(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dlt_pipelines.otel.clickhouse.ROWS_AT_ONCE", 100)
    many = f"""
        select * replace (
            case when n = 150 then '' else printf('%016x', n) end as "SpanId"
        ) from ({TABLE}), range(1, 251) as t(n)
    """
    path = parquet(bench, "a.parquet", many)
    bench.write("copy.parquet", path.read_bytes())
    outcome = bench.extract()
    assert bench.rows("select count(*), count(distinct record_ordinal) from raw_otel.spans") == [(249, 249)]
    assert bench.rows("select source_file, line_number, reason from raw_otel.rejected_lines") == [
        ("a.parquet", 150, "a span without spanId")
    ]
    assert [problem.exit_code for problem in outcome.problems] == [ExitCode.REJECTED_DATA]
    assert bench.extract().reports == {"unchanged": 2}


def test_other_or_damaged_parquet_is_refused_and_the_others_are_read(bench: Bench) -> None:
    whole = parquet(bench, "b.parquet", TABLE).read_bytes()
    parquet(bench, "a.parquet", "select 1 as x")
    bench.write("c.parquet", whole[: len(whole) // 2])
    outcome = bench.extract()
    assert [problem.problem for problem in outcome.problems] == [
        "a.parquet: Parquet without the columns of traces, logs or metrics",
        "c.parquet: cut off or not Parquet",
    ]
    assert len(bench.names()) == 1
    bench.write("c.parquet", whole)
    assert [problem.problem for problem in bench.extract().problems] == [outcome.problems[0].problem]
    assert len(bench.names()) == 1


def test_a_table_with_columns_of_other_types_is_kept_aside_and_the_others_are_read(bench: Bench) -> None:
    parquet(bench, "a.parquet", f"""select * replace ([{{'x': 1}}] as "Events.Timestamp") from ({TABLE})""")
    bench.write("b.jsonl", json.dumps(span(1)) + "\n")
    outcome = bench.extract()
    (problem,) = outcome.problems
    assert problem.problem.startswith("a.parquet: bytes 0 to ")
    assert outcome.exit_code == ExitCode.REJECTED_DATA
    assert bench.names() == ["span 00001"]
    assert bench.rows("select count(*) from raw_otel.spans") == [(1,)]
    assert [path.suffix for path in bench.rejected.iterdir()] == [".parquet"]


def test_a_table_whose_pages_are_damaged_is_kept_aside_and_the_others_are_read(bench: Bench) -> None:
    many = f"""select * replace (printf('%016x', n) as "SpanId") from ({TABLE}), range(1, 5001) as t(n)"""
    whole = parquet(bench, "a.parquet", many).read_bytes()
    middle = len(whole) // 2
    bench.write("a.parquet", whole[:middle] + bytes(256) + whole[middle + 256 :])
    bench.write("b.jsonl", json.dumps(span(1)) + "\n")
    (problem,) = bench.extract().problems
    assert problem.problem == f"a.parquet: bytes 0 to {len(whole)} hold a value that cannot be read"
    assert bench.rows("select span_name from raw_otel.spans") == [("span 00001",)]
    bench.write("a.parquet", whole)
    assert bench.extract().problems == []
    assert len(bench.names()) == 5001


def test_a_time_or_a_kind_beyond_every_range_costs_no_other_span(bench: Bench) -> None:
    late = {**CHAT, "spanId": "b131d11ad7970246", "startTime": [9_000_000_000_000_000_000, 0]}
    odd = {**CHAT, "spanId": "c131d11ad7970246", "kind": 2_147_483_647}
    write(bench, CHAT, late, odd)
    (problem,) = bench.extract().problems
    assert "traces.jsonl, line 2: a span without startTimeUnixNano" in str(problem)
    assert bench.rows(f"select span_id, span_kind from {bench.counted('spans')} order by span_id") == [
        ("a131d11ad7970246", "client"),
        ("c131d11ad7970246", None),
    ]
