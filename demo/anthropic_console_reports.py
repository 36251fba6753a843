"""The Console account's older reports: usage_report/messages, cost_report and usage_report/claude_code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from demo.anthropic_analytics import TOKEN_TYPE_NAMES, Fact, cents_text, usage_metrics
from demo.anthropic_directory import API_KEYS, CONSOLE, DEFAULT, ORGANIZATION_UUID
from demo.anthropic_parameters import WIDTHS, Pager, Parameters, bad, floored, instant_text, midnight
from demo.anthropic_use import (
    PRICES,
    ClaudeUse,
    CodeWork,
    CostPart,
    Use,
    refreshed_at,
)
from demo.billing_contracts import discounted

FAST_MODE_BETA = "fast-mode-2026-02-01"
MESSAGES_DIMENSIONS = (
    *("account_id", "api_key_id", "context_window", "inference_geo", "model", "service_account_id", "service_tier"),
    *("speed", "workspace_id"),
)
# Filter and dimension; the first is singular in Anthropic's reference.
MESSAGES_FILTERS = {
    **{"context_window": "context_window", "account_ids": "account_id", "api_key_ids": "api_key_id"},
    **{"models": "model", "service_account_ids": "service_account_id", "workspace_ids": "workspace_id"},
    **{"inference_geos": "inference_geo", "service_tiers": "service_tier", "speeds": "speed"},
}
# Default and most buckets of a page, by width.
BUCKETS = {"1d": (7, 31), "1h": (24, 168), "1m": (60, 1440)}
MOST_BUCKETS_WITH_ALL_DIMENSIONS = 7
COST_DIMENSIONS = ("workspace_id", "description")
COST_FIELDS = ("description", "cost_type", "model", "token_type", "service_tier", "context_window", "inference_geo")
PART_NAMES = {
    **{"input_uncached": "Input Tokens", "output": "Output Tokens", "cache_read": "Cache Read Tokens"},
    **{"cache_write_5m": "Cache Write Tokens (5m)", "cache_write_1h": "Cache Write Tokens (1h)"},
    **{"web_search": "Web Search Usage", "code_execution": "Code Execution Usage"},
    "session_usage": "Managed Agents Session Usage",
}
KEY_NAMES = {key.id: key.name for key in API_KEYS}
Bucket = tuple[datetime, datetime]
Item = TypeVar("Item")
Values = tuple[Any, ...]


class ConsoleReports:
    """Answers about the Console account."""

    def __init__(self, claude: ClaudeUse) -> None:
        """Answer about that use."""
        self._claude = claude
        self._users = {user.user_id: user for user in claude.directory.users}

    def messages(self, parameters: Parameters, betas: str, as_of: date, pager: Pager) -> dict[str, Any]:
        """Tokens in buckets, empty ones included. Sandboxes and sessions are not in it."""
        grouped = parameters.list("group_by", MESSAGES_DIMENSIONS)
        if ("speed" in grouped or parameters.list("speeds")) and FAST_MODE_BETA not in betas:
            raise bad(f"speed: requires the header anthropic-beta: {FAST_MODE_BETA}")
        width = parameters.choice("bucket_width", tuple(WIDTHS), "1d")
        limit = parameters.limit(*BUCKETS[width])
        if len(set(grouped)) >= len(MESSAGES_DIMENSIONS) - 1 and limit > MOST_BUCKETS_WITH_ALL_DIMENSIONS:
            raise bad("limit: too many time buckets for this many group_by dimensions")
        end = parameters.instant("ending_at")
        buckets = _buckets(parameters.required_instant("starting_at"), end, WIDTHS[width], refreshed_at(as_of))

        def results(bucket: Bucket) -> list[dict[str, Any]]:
            uses = [use for use in self._uses(bucket, as_of) if use.model and _is_wanted(use, parameters)]
            groups = _grouped(uses, lambda use: tuple(_messages_dimension(use, name) for name in grouped))
            shown = [name for name in MESSAGES_DIMENSIONS if name != "speed" or name in grouped]
            return [
                {
                    **usage_metrics(Fact(use, {}) for use in members),
                    **dict.fromkeys(shown),
                    **dict(zip(grouped, values, strict=True)),
                }
                for values, members in groups
            ]

        return _bucketed(parameters, pager, buckets, limit, results)

    def cost(self, parameters: Parameters, as_of: date, pager: Pager) -> dict[str, Any]:
        """Billed cents in daily buckets; refused when the range has a day that is not over."""
        grouped = parameters.list("group_by", COST_DIMENSIONS)
        parameters.choice("bucket_width", ("1d",), "1d")
        start, end = parameters.required_instant("starting_at"), parameters.instant("ending_at")
        today = midnight(as_of)
        if start >= today or (end is not None and end > today):
            raise bad("ending_at: the range must contain complete days only")
        buckets = _buckets(start, end or today, WIDTHS["1d"], today)

        def results(bucket: Bucket) -> list[dict[str, Any]]:
            parts = [(use, part) for use in self._uses(bucket, as_of) for part in use.cost_parts]
            found = []
            for values, members in _grouped(parts, lambda pair: _cost_dimensions(pair[0], pair[1], grouped)):
                cents = sum((discounted(part.list_cents, use.day) for use, part in members), Decimal(0))
                told = dict(zip(("workspace_id", *COST_FIELDS), values, strict=True))
                found.append({"amount": cents_text(cents), "currency": "USD", **told})
            return found

        return _bucketed(parameters, pager, buckets, parameters.limit(7, 31), results)

    def claude_code(self, parameters: Parameters, as_of: date, pager: Pager) -> dict[str, Any]:
        """One day of Claude Code; nobody with a seat is ever in it."""
        day = parameters.day("starting_at")
        if day is None:
            raise bad("starting_at: Field required")
        works = self._claude.day(day, as_of).works
        page, following = pager.page(parameters, works, parameters.limit(20, 1000))
        data = [self._work(work) for work in page]
        return {"data": data, "has_more": following is not None, "next_page": following}

    def _uses(self, bucket: Bucket, as_of: date) -> list[Use]:
        start, end = bucket
        return [use for use in self._claude.uses(CONSOLE, start.date(), as_of) if start <= use.at < end]

    def _work(self, work: CodeWork) -> dict[str, Any]:
        user = self._users.get(work.caller.user_id or "")
        actor = (
            {"type": "user_actor", "email_address": user.email}
            if user
            else {"type": "api_actor", "api_key_name": KEY_NAMES[work.caller.api_key_id or ""]}
        )
        counts = work.counts
        return {
            "date": instant_text(midnight(work.at.date())),
            "actor": actor,
            "organization_id": ORGANIZATION_UUID,
            "customer_type": "api",
            "subscription_type": None,
            "terminal_type": work.terminal,
            "is_remote": work.is_remote,
            "core_metrics": {
                "num_sessions": counts.sessions,
                "lines_of_code": {"added": counts.lines_added, "removed": counts.lines_removed},
                "commits_by_claude_code": counts.commits,
                "pull_requests_by_claude_code": counts.pull_requests,
            },
            "tool_actions": {
                tool.tool: {"accepted": tool.accepted, "rejected": tool.rejected} for tool in counts.tools
            },
            "model_breakdown": [
                {
                    "model": model,
                    "tokens": _code_tokens(use for use in work.uses if use.model == model),
                    "estimated_cost": {"amount": cents, "currency": "USD"},
                }
                for model, cents in work.estimated_cents().items()
            ],
        }


def _code_tokens(uses: Iterable[Use]) -> dict[str, int]:
    tokens = [use.tokens for use in uses]
    return {
        "input": sum(some.input_uncached for some in tokens),
        "output": sum(some.output for some in tokens),
        "cache_read": sum(some.cache_read for some in tokens),
        "cache_creation": sum(some.cache_write_5m + some.cache_write_1h for some in tokens),
    }


def _buckets(start: datetime, end: datetime | None, width: timedelta, now: datetime) -> list[Bucket]:
    """Whole buckets of a range; without end up to the one of now."""
    first = floored(start, width)
    until = end or floored(now, width) + width
    if first + width > until:
        raise bad("ending_at: must be at least one bucket after starting_at")
    return [(first + number * width, first + (number + 1) * width) for number in range((until - first) // width)]


def _bucketed(
    parameters: Parameters,
    pager: Pager,
    buckets: Sequence[Bucket],
    limit: int,
    results: Callable[[Bucket], list[dict[str, Any]]],
) -> dict[str, Any]:
    page, following = pager.page(parameters, buckets, limit)
    data = [
        {"starting_at": instant_text(start), "ending_at": instant_text(end), "results": results((start, end))}
        for start, end in page
    ]
    return {"data": data, "has_more": following is not None, "next_page": following}


def _grouped(
    items: Iterable[Any], key: Callable[[Any], tuple[Any, ...]]
) -> Iterable[tuple[tuple[Any, ...], list[Any]]]:
    groups: dict[tuple[Any, ...], list[Any]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups.items()


def _messages_dimension(use: Use, name: str) -> Any:
    match name:
        case "account_id":
            return None if use.caller.api_key_id else use.caller.user_id
        case "api_key_id":
            return use.caller.api_key_id
        case "service_account_id":
            return use.caller.service_account_id
        case "workspace_id":
            return _legacy_workspace(use)
    return getattr(use, name)


def _legacy_workspace(use: Use) -> str | None:
    """The default workspace is null in the older reports."""
    return None if use.workspace_id == DEFAULT.id else use.workspace_id


def _is_wanted(use: Use, parameters: Parameters) -> bool:
    for name, dimension in MESSAGES_FILTERS.items():
        wanted = parameters.list(name)
        value = use.workspace_id if dimension == "workspace_id" else _messages_dimension(use, dimension)
        if dimension == "inference_geo":
            value = value or "not_available"
        if wanted and value not in wanted:
            return False
    return True


def _cost_dimensions(use: Use, part: CostPart, grouped: Sequence[str]) -> tuple[Any, ...]:
    workspace = _legacy_workspace(use) if "workspace_id" in grouped else None
    if "description" not in grouped:
        return (workspace, *(None for _ in COST_FIELDS))
    name = PART_NAMES[part.token_type or part.cost_type]
    if not part.has_model:
        return (workspace, name, part.cost_type, None, None, None, None, None)
    description = f"{PRICES[use.model or ''].name} Usage - {name}"
    token_type = TOKEN_TYPE_NAMES[part.token_type] if part.token_type else None
    known = (use.model, token_type, use.service_tier, use.context_window, use.inference_geo)
    return (workspace, description, part.cost_type, *known)
