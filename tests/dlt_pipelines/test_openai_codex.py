"""Codex by OpenAI: optional, its users pseudonyms, what is refused."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.dlt_pipelines.openai_stub import (
    AS_OF,
    CODEX,
    COSTS,
    DAY,
    ONE_DAY,
    Json,
    OpenaiBench,
    bucket,
    cost,
    openai_bench,
    page,
    refused,
    seconds,
    use_codex,
)
from tests.dlt_pipelines.pseudonyms import key

__all__ = ["openai_bench"]


def codex_row(user: str, email: str | None = None, day: date = DAY, **totals: object) -> Json:
    return {
        "object": "workspace.codex.usage.result",
        "start_time": seconds(day),
        "end_time": seconds(day + ONE_DAY),
        "user_id": user,
        "actor": {"type": "ACCOUNT_USER", "user_id": user, "email": email},
        "totals": {"threads": 1, "turns": 2, "credits": 12.5, "text_total_tokens": None, **totals},
        "clients": [{"client_id": "CODEX_CLI", "threads": 1, "turns": 2, "credits": 12.5}],
        "models": None,
        "code_attribution": None,
    }


def test_codex_is_optional(bench: OpenaiBench) -> None:
    bench.extract()
    assert bench.server.asked(CODEX) == []


def test_codex_users_are_pseudonyms_and_what_is_not_told_is_null(
    bench: OpenaiBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_codex(monkeypatch)
    model = {"model": "gpt-5.4", "speed": "fast", "credits": 12.5, "uncached_text_input_tokens": 9}
    rows = [{**codex_row("user_A", "Ada@Example.com"), "models": [model]}, codex_row("u2")]
    bench.server.answers[CODEX] = {"object": "page", "data": rows}
    assert not bench.extract().problems
    (query,) = bench.server.asked(CODEX)
    assert query["group_by"] == ["day"]
    assert query["start_time"] == [str(seconds(DAY))]
    found = bench.rows(
        "select account_id, user_key, actor_email_key, credits, uncached_text_input_tokens, lines_added"
        " from raw_openai.codex_user_days"
    )
    assert set(found) == {
        ("workspace/ws-1", key("openai_user", "user_a"), key("email", "ada@example.com"), Decimal("12.5"), None, None),
        ("workspace/ws-1", key("openai_user", "u2"), None, Decimal("12.5"), None, None),
    }
    assert bench.one("select count(*) from raw_openai.codex_user_day_clients") == 2
    models = bench.rows(
        "select user_key, model, speed, credits, uncached_text_input_tokens, text_output_tokens"
        " from raw_openai.codex_user_day_models"
    )
    assert models == [(key("openai_user", "user_a"), "gpt-5.4", "fast", Decimal("12.5"), 9, None)]


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_refusal_by_codex_leaves_only_codex_out_and_is_told_once(
    bench: OpenaiBench, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    use_codex(monkeypatch)
    bench.server.answers[CODEX] = lambda request: refused(status, "No such workspace")
    bench.server.answers[COSTS] = lambda request: page(
        {
            **bucket([cost(1)]),
            "start_time": int(request.query["start_time"]),
            "end_time": int(request.query["end_time"]),
        }
    )
    outcome = bench.extract(DAY - 2 * ONE_DAY, DAY)
    (problem,) = outcome.problems
    assert "codex.enterprise.analytics.read" in problem.remedy
    assert bench.one("select count(*) from raw_openai.costs") == 3


def test_codex_is_not_asked_for_more_than_90_days_back(bench: OpenaiBench, monkeypatch: pytest.MonkeyPatch) -> None:
    use_codex(monkeypatch)
    bench.extract(AS_OF - 100 * ONE_DAY, AS_OF - 89 * ONE_DAY)
    first = min(int(query["start_time"][0]) for query in bench.server.asked(CODEX))
    assert first == seconds(AS_OF - 90 * ONE_DAY)


def test_a_codex_row_of_another_day_is_refused(bench: OpenaiBench, monkeypatch: pytest.MonkeyPatch) -> None:
    use_codex(monkeypatch)
    bench.server.answers[CODEX] = {"data": [codex_row("user_A", day=DAY - ONE_DAY)], "has_more": False}
    (problem,) = bench.extract().problems
    assert "is not the UTC day that was asked for" in str(problem)
