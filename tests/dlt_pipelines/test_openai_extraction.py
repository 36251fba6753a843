"""OpenAI's documented quirks, one by one, against a stand-in: what is asked, costs and usage."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from dlt_pipelines.errors import ExitCode
from dlt_pipelines.openai.records import USAGE_GROUPS
from tests.dlt_pipelines.openai_stub import (
    AS_OF,
    COMPLETIONS,
    COSTS,
    DAY,
    ONE_DAY,
    USAGE,
    Json,
    OpenaiBench,
    bucket,
    completion,
    cost,
    openai_bench,
    page,
    seconds,
)

__all__ = ["openai_bench"]


# What is asked.


def test_a_day_is_asked_in_unix_seconds_its_end_exclusive(bench: OpenaiBench) -> None:
    bench.extract()
    for path in (COSTS, *(USAGE + name for name in USAGE_GROUPS)):
        (query,) = bench.server.asked(path)
        assert query["start_time"] == ["1794268800"]  # 2026-11-10T00:00:00Z
        assert query["end_time"] == ["1794355200"]  # 2026-11-11T00:00:00Z
        assert query["bucket_width"] == ["1d"]


def test_array_parameters_have_brackets_and_every_group_is_asked_for(bench: OpenaiBench) -> None:
    bench.extract()
    expected = {
        COSTS: {"project_id", "line_item", "api_key_id"},
        COMPLETIONS: {"project_id", "user_id", "api_key_id", "model", "batch", "service_tier"},
        USAGE + "embeddings": {"project_id", "user_id", "api_key_id", "model"},
        USAGE + "moderations": {"project_id", "user_id", "api_key_id", "model"},
        USAGE + "images": {"project_id", "user_id", "api_key_id", "model", "size", "source"},
        USAGE + "audio_speeches": {"project_id", "user_id", "api_key_id", "model"},
        USAGE + "audio_transcriptions": {"project_id", "user_id", "api_key_id", "model"},
        USAGE + "vector_stores": {"project_id"},
        USAGE + "code_interpreter_sessions": {"project_id"},
        USAGE + "file_search_calls": {"project_id", "user_id", "api_key_id", "vector_store_id"},
        USAGE + "web_search_calls": {"project_id", "user_id", "api_key_id", "model", "context_level"},
    }
    for path, groups in expected.items():
        (query,) = bench.server.asked(path)
        assert set(query["group_by[]"]) == groups, path
        assert "group_by" not in query


def test_the_paths_are_singular_and_only_read(bench: OpenaiBench) -> None:
    bench.extract()
    assert {request.method for request in bench.server.requests} == {"GET"}
    assert all(request.path.startswith("/v1/organization/") for request in bench.server.requests)


def test_only_closed_days_are_asked_for(bench: OpenaiBench) -> None:
    bench.extract(since=AS_OF - ONE_DAY, until=None)
    (query,) = bench.server.asked(COSTS)
    assert query["end_time"] == [str(seconds(AS_OF))]


def test_the_days_of_the_last_three_are_read_on_every_run_and_others_until_they_are_final(bench: OpenaiBench) -> None:
    bench.extract(None, None)
    first = len(bench.server.asked(COSTS))
    bench.extract(None, None)
    assert first == 28
    assert len(bench.server.asked(COSTS)) - first == 3


# Costs.


def test_an_amount_is_a_number_or_a_text_and_never_a_float(bench: OpenaiBench) -> None:
    body = json.dumps(page(bucket([cost("@1"), cost("12.50"), cost("@2"), cost("@3"), cost("@4")])))
    numbers = {'"@1"': "12.5", '"@2"': "1234567890.123456789", '"@3"': "1e-7", '"@4"': "0.13080438340307526044"}
    for mark, number in numbers.items():
        body = body.replace(mark, number)
    bench.server.answers[COSTS] = body
    outcome = bench.extract()
    assert not outcome.problems
    found = bench.rows("select amount_value from raw_openai.costs order by amount_value")
    assert [value for (value,) in found] == [
        Decimal("0.0000001"),
        Decimal("0.130804383"),
        Decimal("12.5"),
        Decimal("12.5"),
        Decimal("1234567890.123456789"),
    ]
    assert {currency for (currency,) in bench.rows("select amount_currency from raw_openai.costs")} == {"usd"}


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-inf", "1_000", "twelve", ""])
def test_an_amount_that_is_no_finite_number_is_refused_and_its_day_is_not_loaded(
    bench: OpenaiBench, value: str
) -> None:
    bench.server.answers[COSTS] = page(bucket([cost(1.5), cost(value)]))
    bench.server.answers[COMPLETIONS] = page(bucket([completion()]))
    outcome = bench.extract()
    (problem,) = outcome.problems
    assert f"costs {DAY}" in str(problem)
    assert outcome.exit_code == ExitCode.FAILED
    assert bench.one("select count(*) from raw_openai.report_loads where report = 'costs' and status = 'loaded'") == 0
    # The other reports are loaded, and costs are asked for again.
    assert bench.one("select count(*) from raw_openai.usage_results") == 1
    bench.server.answers[COSTS] = page(bucket([cost(1.5)]))
    assert not bench.extract().problems
    assert bench.one(f"select sum(amount_value) from {bench.current('costs')}") == Decimal("1.5")


def test_json_that_says_nan_is_no_answer(bench: OpenaiBench) -> None:
    bench.server.answers[COSTS] = json.dumps(page(bucket([cost(float("nan"))])))
    (problem,) = bench.extract().problems
    assert "not JSON" in str(problem)


def test_negative_amounts_and_unknown_line_items_are_kept(bench: OpenaiBench) -> None:
    lines = [cost("-25", line_item="A credit nobody has heard of"), cost(0, line_item="gpt-4o-2024-08-06, Input")]
    bench.server.answers[COSTS] = page(bucket(lines))
    assert not bench.extract().problems
    assert set(bench.rows("select line_item, amount_value from raw_openai.costs")) == {
        ("A credit nobody has heard of", Decimal(-25)),
        ("gpt-4o-2024-08-06, Input", Decimal(0)),
    }


def test_an_amount_that_is_absent_is_unknown_not_zero(bench: OpenaiBench) -> None:
    bench.server.answers[COSTS] = page(bucket([{"object": "organization.costs.result"}, cost(None)]))
    assert not bench.extract().problems
    assert bench.rows("select distinct amount_value from raw_openai.costs") == [(None,)]


def test_what_was_grouped_by_is_recorded(bench: OpenaiBench) -> None:
    bench.server.answers[COSTS] = page(bucket([cost(1)]))
    bench.server.answers[COMPLETIONS] = page(bucket([completion(project_id=None)]))
    bench.server.answers[USAGE + "vector_stores"] = page(bucket([{"usage_bytes": 1024, "project_id": None}]))
    bench.extract()
    assert bench.one("select grouped_by from raw_openai.costs") == "project_id,line_item,api_key_id"
    assert dict(bench.rows("select endpoint, grouped_by from raw_openai.usage_results")) == {
        "completions": "project_id,user_id,api_key_id,model,batch,service_tier",
        "vector_stores": "project_id",
    }


# Usage.


def test_an_idle_day_is_loaded_and_has_no_rows(bench: OpenaiBench) -> None:
    bench.server.answers[COSTS] = page(bucket([]))
    bench.server.answers[COMPLETIONS] = page()
    assert not bench.extract().problems
    loaded = bench.rows(
        "select report, status, rows from raw_openai.report_loads"
        " where report in ('costs', 'usage-completions') and status <> 'backfill_requested'"
    )
    assert sorted(loaded) == [("costs", "loaded", 0), ("usage-completions", "loaded", 0)]


def test_fields_that_are_absent_are_null_not_zero(bench: OpenaiBench) -> None:
    bench.server.answers[COMPLETIONS] = page(bucket([completion(model="gpt-5.2-codex")]))
    assert not bench.extract().problems
    row = bench.rows(
        "select input_tokens, input_cached_tokens, input_uncached_tokens, api_key_id, batch"
        " from raw_openai.usage_results"
    )
    assert row == [(10, None, None, None, None)]


def test_empty_texts_of_idle_rows_are_null(bench: OpenaiBench) -> None:
    idle = completion(project_id="", user_id="", api_key_id="", model="", service_tier="", batch=False, input_tokens=0)
    bench.server.answers[COMPLETIONS] = page(bucket([idle]))
    assert not bench.extract().problems
    row = bench.rows(
        "select project_id, user_key, api_key_id, model, service_tier, batch from raw_openai.usage_results"
    )
    assert row == [(None, None, None, None, None, False)]


def test_counts_above_two_to_the_53_keep_every_digit(bench: OpenaiBench) -> None:
    huge = 2**53 + 1
    bench.server.answers[COMPLETIONS] = page(bucket([completion(input_tokens=huge, output_tokens=2**62 + 3)]))
    bench.server.answers[USAGE + "vector_stores"] = page(bucket([{"usage_bytes": huge, "project_id": "p"}]))
    assert not bench.extract().problems
    assert set(bench.rows("select input_tokens, output_tokens, usage_bytes from raw_openai.usage_results")) == {
        (huge, 2**62 + 3, None),
        (None, None, huge),
    }


def test_unknown_fields_are_kept_and_told_but_no_names(bench: OpenaiBench) -> None:
    new = completion(reasoning_tokens=7, owner_name="Ada Lovelace")
    bench.server.answers[COMPLETIONS] = {**page({**bucket([new]), "zone": "eu"}), "total": 3}
    outcome = bench.extract()
    (warning,) = outcome.warnings
    for name in ("reasoning_tokens", "owner_name", "zone", "total"):
        assert name in warning
    extra = json.loads(bench.one("select extra from raw_openai.usage_results"))
    assert extra == {"reasoning_tokens": 7, "owner_name": "withheld"}


def test_a_known_field_of_another_type_rejects_the_report_and_keeps_its_file(bench: OpenaiBench) -> None:
    bench.server.answers[COMPLETIONS] = page(bucket([completion(input_tokens="many")]))
    outcome = bench.extract()
    (problem,) = outcome.problems
    assert "input_tokens" in str(problem)
    assert outcome.exit_code == ExitCode.REJECTED_DATA
    assert len(list((bench.folder / ".extract" / "w" / "rejected").iterdir())) == 1


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (1700000000, 1700086400),  # no UTC midnights
        (seconds(DAY - ONE_DAY), seconds(DAY)),
        (seconds(DAY), seconds(DAY) + 3600),
        (seconds(DAY), seconds(DAY + 2 * ONE_DAY)),
        (None, None),
    ],
)
def test_a_bucket_that_is_not_the_day_asked_for_is_refused(
    bench: OpenaiBench, start: int | None, end: int | None
) -> None:
    bench.server.answers[COSTS] = page({**bucket([cost(1)]), "start_time": start, "end_time": end})
    (problem,) = bench.extract().problems
    assert "is not the UTC day that was asked for" in str(problem)
    assert bench.one("select count(*) from raw_openai.report_loads where report = 'costs' and status = 'loaded'") == 0


@pytest.mark.parametrize("body", [{"object": "page"}, {"data": [{"start_time": 1794268800, "end_time": 1794355200}]}])
def test_an_answer_of_another_form_is_not_an_idle_day(bench: OpenaiBench, body: Json) -> None:
    bench.server.answers[COSTS] = body
    (problem,) = bench.extract().problems
    assert "without" in str(problem)


# Again.


def test_a_day_read_twice_changes_nothing_and_a_restated_day_moves(bench: OpenaiBench) -> None:
    bench.server.answers[COSTS] = page(bucket([cost("1.25", project_id="a"), cost(2, project_id="b")]))
    bench.extract()
    bench.extract()
    statuses = bench.rows("select status from raw_openai.report_loads where report = 'costs' order by loaded_at")
    assert statuses == [("backfill_requested",), ("loaded",), ("unchanged",)]
    assert bench.rows("select sum(amount_value), count(*) from raw_openai.costs") == [(Decimal("3.25"), 2)]
    # Restated: one project's line is gone, the other's is more.
    bench.server.answers[COSTS] = page(bucket([cost("1.75", project_id="a")]))
    bench.extract()
    assert bench.rows(f"select project_id, amount_value from {bench.current('costs')}") == [("a", Decimal("1.75"))]
    assert bench.one("select count(*) from raw_openai.costs") == 1


def test_one_costs_report_that_fails_does_not_touch_what_is_loaded(bench: OpenaiBench) -> None:
    bench.server.answers[COSTS] = page(bucket([cost("1.25")]))
    bench.extract()
    bench.server.answers[COSTS] = page(bucket([cost("NaN")]))
    bench.extract()
    assert bench.rows(f"select amount_value from {bench.current('costs')}") == [(Decimal("1.25"),)]
