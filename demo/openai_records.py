"""Rows of OpenAI's costs, usage and Codex analytics as JSON, made from the model and grouped as asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from demo.openai_costs import Cost
from demo.openai_lists import seconds
from demo.openai_rows import CodexDay, Tokens, Use

Json = dict[str, Any]

_WHO = ("project_id", "user_id", "api_key_id")


@dataclass(frozen=True)
class Endpoint:
    """A usage endpoint: the name of its rows, what they can be grouped by, and what it counts beside requests."""

    row: str
    groups: tuple[str, ...]
    counts: str = "tokens"
    has_requests: bool = True


COST_GROUPS = ("project_id", "line_item", "api_key_id")
ENDPOINTS = {
    "completions": Endpoint("completions", (*_WHO, "model", "batch", "service_tier")),
    "embeddings": Endpoint("embeddings", (*_WHO, "model")),
    "moderations": Endpoint("moderations", (*_WHO, "model")),
    "images": Endpoint("images", ("size", "source", *_WHO, "model"), "images"),
    "audio_speeches": Endpoint("audio_speeches", (*_WHO, "model"), "characters"),
    "audio_transcriptions": Endpoint("audio_transcriptions", (*_WHO, "model"), "seconds"),
    "vector_stores": Endpoint("vector_stores", ("project_id",), "usage_bytes", has_requests=False),
    "code_interpreter_sessions": Endpoint(
        "code_interpreter_sessions", ("project_id",), "num_sessions", has_requests=False
    ),
    "file_search_calls": Endpoint("file_searches", (*_WHO, "vector_store_id"), "num_requests", has_requests=False),
    "web_search_calls": Endpoint("web_searches", (*_WHO, "model", "context_level"), "num_requests"),
}
REQUIRED_FIELDS = ("object", "input_tokens", "output_tokens", "num_model_requests")


def usage_results(name: str, uses: Iterable[Use], group_by: Sequence[str]) -> list[Json]:
    """The rows of one bucket; what is not grouped by is null."""
    endpoint = ENDPOINTS[name]
    grouped: dict[tuple[Any, ...], list[Use]] = defaultdict(list)
    for use in uses:
        grouped[tuple(use.group(group) if group in group_by else None for group in endpoint.groups)].append(use)
    return [_usage_result(endpoint, rows, key) for key, rows in grouped.items()]


def _usage_result(endpoint: Endpoint, rows: list[Use], key: tuple[Any, ...]) -> Json:
    result: Json = {"object": f"organization.usage.{endpoint.row}.result"}
    if endpoint.counts == "tokens":
        result |= _token_fields(endpoint, sum((row.tokens or Tokens() for row in rows), Tokens()))
    else:
        result[endpoint.counts] = sum(row.amount for row in rows)
    if endpoint.has_requests:
        result["num_model_requests"] = sum(row.requests for row in rows)
    result |= dict(zip(endpoint.groups, key, strict=True))
    return result if any(row.in_full for row in rows) else _sparse(result)


def _token_fields(endpoint: Endpoint, tokens: Tokens) -> Json:
    sums = tokens.by_type
    total = sums["input_uncached"] + sums["cache_read"] + sums["cache_write"]
    if endpoint.row != "completions":
        return {"input_tokens": total}
    return {
        "input_tokens": total,
        "input_cached_tokens": sums["cache_read"],
        "input_cache_write_tokens": sums["cache_write"],
        "input_uncached_tokens": sums["input_uncached"],
        "output_tokens": sums["output"],
        "input_text_tokens": tokens.text,
        "output_text_tokens": tokens.output_text,
        "input_cached_text_tokens": tokens.cached_text,
        "input_audio_tokens": tokens.audio,
        "input_cached_audio_tokens": tokens.cached_audio,
        "output_audio_tokens": tokens.output_audio,
        "input_image_tokens": tokens.image,
        "input_cached_image_tokens": tokens.cached_image,
        "output_image_tokens": tokens.output_image,
    }


def _sparse(result: Json) -> Json:
    """Only what OpenAI must send, the groups that say something, and cached tokens where there are any."""
    kept = (*REQUIRED_FIELDS, *ENDPOINTS["completions"].groups, "input_cached_tokens")
    return {
        name: told
        for name, told in result.items()
        if name in kept and told is not None and (told or name != "input_cached_tokens")
    }


def cost_results(costs: Iterable[Cost], group_by: Sequence[str]) -> list[Json]:
    """The rows of one bucket of costs; quantities only where the text of the line is asked for."""
    grouped: dict[tuple[Any, ...], list[Cost]] = defaultdict(list)
    for cost in costs:
        grouped[tuple(getattr(cost, group) if group in group_by else None for group in COST_GROUPS)].append(cost)
    return [_cost_result(number, rows, key) for number, (key, rows) in enumerate(grouped.items())]


def _cost_result(number: int, rows: list[Cost], key: tuple[Any, ...]) -> Json:
    amount = sum((row.amount for row in rows), Decimal(0))
    project_id, line_item, api_key_id = key
    known = [row.quantity for row in rows if line_item and row.quantity is not None]
    # OpenAI has been seen to write an amount as text now and then.
    is_text = (rows[0].day.toordinal() + number) % 4 == 0
    return {
        "object": "organization.costs.result",
        "amount": {"value": f"{amount:f}" if is_text else amount, "currency": "usd"},
        "line_item": line_item,
        "project_id": project_id,
        "api_key_id": api_key_id,
        "quantity": sum(known, Decimal(0)) if known else None,
        "quantity_unit": rows[0].unit if line_item else None,
    }


def codex_row(row: CodexDay) -> Json:
    """A Codex user's day."""
    models = row.models or ()
    tokens = {
        "uncached_text_input_tokens": sum(model.uncached for model in models),
        "cached_text_input_tokens": sum(model.cached for model in models),
        "text_output_tokens": sum(model.output for model in models),
    }
    tokens["text_total_tokens"] = sum(tokens.values())
    counts = {"threads": row.threads, "turns": row.turns, "credits": row.credits}
    told = tokens if row.models is not None else {}
    return {
        "object": "workspace.codex.usage.result",
        "start_time": seconds(row.day),
        "end_time": seconds(row.day + timedelta(days=1)),
        "user_id": row.user_id,
        "actor": {"type": "ACCOUNT_USER", "user_id": row.user_id, "email": row.email},
        "totals": {**counts, **(told or dict.fromkeys(tokens))},
        "clients": _codex_clients({**counts, **told}, row.on_the_web),
        "models": [
            {
                "model": model.model,
                "speed": model.speed,
                "credits": model.credits,
                "uncached_text_input_tokens": model.uncached,
                "cached_text_input_tokens": model.cached,
                "text_output_tokens": model.output,
                "text_total_tokens": model.uncached + model.cached + model.output,
            }
            for model in models
        ]
        if row.models is not None
        else None,
        "code_attribution": _code_attribution(row),
    }


def _codex_clients(totals: dict[str, Any], on_the_web: bool) -> list[Json]:
    """The totals by client: a third of what is on the web, the rest in the terminal."""
    if not on_the_web:
        return [{"client_id": "CODEX_CLI", **totals}]
    web = {
        name: (count / 3).quantize(Decimal("0.0001")) if isinstance(count, Decimal) else count // 3
        for name, count in totals.items()
    }
    terminal = {name: count - web[name] for name, count in totals.items()}
    return [{"client_id": "CODEX_WEB", **web}, {"client_id": "CODEX_CLI", **terminal}]


def _code_attribution(row: CodexDay) -> Json | None:
    if row.lines_added is None:
        return None
    lines = {
        "added": row.lines_added,
        "removed": row.lines_deleted,
        "committed": row.lines_added // 2,
        "committed_percentage": 50,
    }
    return {
        "lines_of_code": lines,
        "commits": {"with_codex_contribution": row.threads, "with_codex_contribution_percentage": Decimal("57.1")},
    }
