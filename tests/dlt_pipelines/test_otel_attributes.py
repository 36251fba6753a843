"""Which attribute fills which column: names of every generation, what precedes what, costs, repositories."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from dlt_pipelines.otel.attributes import attribute_names
from dlt_pipelines.otel.tables import EVENTS, METRIC_POINTS, SPANS
from tests.dlt_pipelines.otlp_bench import Json, Reader, reader, span, traces

__all__ = ["reader"]


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
