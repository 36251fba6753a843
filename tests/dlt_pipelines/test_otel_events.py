"""Log records, events of spans, and points of metrics: which are loaded, and what they fill."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.dlt_pipelines.otlp_bench import (
    SECOND,
    SPAN,
    START,
    TELLING,
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

__all__ = ["reader"]


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
