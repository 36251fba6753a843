"""Anthropic's analytics/usage and analytics/cost reports, and the older ones by seat."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from demo.anthropic_directory import ENTERPRISE, ENTERPRISE_ORGANIZATION_ID, AccountId, ClaudeUser
from demo.anthropic_parameters import Pager, Parameters, Span, bad, instant_text
from demo.anthropic_use import ClaudeUse, CostPart, TokenType, Use, refreshed_at
from demo.billing_contracts import discounted

Kind = Literal["usage", "cost"]
FANNED = ("cost_type", "token_type")
MANAGED = ("agent_id", "deployment_id", "environment_id", "session_id")
SLACK = ("slack_channel_id", "claude_tag_user_id", "claude_tag_category")
DIMENSIONS = (
    *("actor", "actor_type", "api_key_id", "workspace_id", "organization_id", "product", "model", "service_tier"),
    *("context_window", "inference_geo", "speed", "rbac_group_id", *MANAGED, *SLACK, "user_profile_id"),
)
MOST_DIMENSIONS = 5
ORDERS: dict[Kind, tuple[str, ...]] = {
    "usage": ("total_tokens", "output_tokens", "requests", "time", "uncached_input_tokens"),
    "cost": ("amount", "list_amount", "time"),
}
PRODUCTS = (
    *("chat", "chat_cowork_unified", "claude_code", "claude_console", "claude_design", "claude_in_chrome"),
    *("claude_tag", "cowork", "managed_agents_api", "message_batches_api", "messages_api", "office_agent"),
)
# Filter and the dimension that it looks at; those without use of that kind match nothing.
FILTERS = {
    **{"actor_ids": "actor_id", "actor_types": "actor_type", "api_key_ids": "api_key_id"},
    **{"workspace_ids": "workspace_id", "organization_ids": "organization_id", "products": "product"},
    **{"models": "model", "service_tiers": "service_tier", "context_windows": "context_window"},
    **{"inference_geos": "inference_geo", "speeds": "speed", "rbac_group_ids": "rbac_group_id"},
    **{f"{name}s": name for name in (*MANAGED, "slack_channel_id", "claude_tag_user_id", "user_profile_id")},
    "claude_tag_categories": "claude_tag_category",
}
# What stands for null in a filter.
NULL_WORDS = {"api_key_ids": "", "inference_geos": "not_available"}
SEAT_DIMENSIONS = ("context_window", "inference_geo", "model", "product", "rbac_group_id", "slack_channel_id", "speed")
SEAT_FILTERS = ("context_windows", "inference_geos", "models", "products", "rbac_group_ids", "speeds", "user_ids")
TOKEN_TYPE_NAMES: dict[TokenType, str] = {
    "input_uncached": "uncached_input_tokens",
    "output": "output_tokens",
    "cache_read": "cache_read_input_tokens",
    "cache_write_5m": "cache_creation.ephemeral_5m_input_tokens",
    "cache_write_1h": "cache_creation.ephemeral_1h_input_tokens",
}
MODEL_DIMENSIONS = ("model", "service_tier", "context_window", "inference_geo", "speed")


@dataclass(frozen=True)
class Fact:
    """A use, or one part of its cost, with the dimensions that it is grouped and filtered by."""

    use: Use
    dimensions: dict[str, Any]
    part: CostPart | None = None
    requests: int = 0


@dataclass(frozen=True)
class Row:
    """Facts that share a bucket and all grouped dimensions."""

    start: datetime
    end: datetime
    facts: list[Fact]


class Analytics:
    """Answers about the use of Claude."""

    def __init__(self, claude: ClaudeUse) -> None:
        """Answer about that use."""
        self._claude = claude
        self._users = {user.user_id: user for user in claude.directory.users}

    def report(
        self, kind: Kind, account: AccountId, parameters: Parameters, as_of: date, pager: Pager
    ) -> dict[str, Any]:
        """A page of analytics/usage or analytics/cost."""
        grouped = parameters.list("group_by", (*DIMENSIONS, *(FANNED if kind == "cost" else ())))
        _check_grouping(grouped, parameters)
        span = parameters.analytics_span("time_bucket_width", refreshed_at(as_of))
        facts = [fact for fact in self._facts(kind, account, span, as_of) if _passes(fact, parameters)]
        names = [name for name in grouped if name not in FANNED]
        rows = group(facts, span, names)
        order_by = parameters.choice("order_by", ORDERS[kind], ORDERS[kind][0])
        _sort(rows, kind, order_by, parameters.choice("order", ("asc", "desc"), "desc"), span)
        page, following = pager.page(parameters, rows, parameters.limit(20, 1000))
        data = [
            {"starting_at": instant_text(row.start), "ending_at": instant_text(row.end), **item}
            for row in page
            if not (parameters.text("exclude_deleted_users") == "true" and _is_of_deleted_user(row))
            for item in self._items(kind, row, grouped)
        ]
        return _envelope(data, following, as_of)

    def _items(self, kind: Kind, row: Row, grouped: list[str]) -> Iterable[dict[str, Any]]:
        first = row.facts[0].dimensions
        shown = {name: first[name] if name in grouped else None for name in DIMENSIONS}
        if kind == "usage":
            yield {"group": shown, "usage": usage_metrics(row.facts, with_total=True)}
            return
        for fanned, facts in fan_out(row.facts, grouped):
            requests = None if any(fanned.values()) else sum(fact.requests for fact in facts)
            yield {"group": shown | fanned, "cost": {**amounts(facts), "currency": "USD", "requests": requests}}

    def seat_report(self, kind: Kind, parameters: Parameters, as_of: date, pager: Pager) -> dict[str, Any]:
        """A page of analytics/user_usage_report or analytics/user_cost_report: only what a seat's user did."""
        grouped = parameters.list("group_by", (*SEAT_DIMENSIONS, *(FANNED if kind == "cost" else ())))
        span = parameters.analytics_span("bucket_width", refreshed_at(as_of))
        wanted = set(parameters.list("user_ids"))
        facts = [
            fact
            for fact in self._facts(kind, ENTERPRISE, span, as_of)
            if fact.use.caller.user_id and (not wanted or fact.use.caller.user_id in wanted)
            if _passes(fact, parameters)
        ]
        rows = group(facts, span, ["actor", *(name for name in grouped if name not in FANNED)])
        order_by = parameters.choice("order_by", ORDERS[kind][:-1], ORDERS[kind][0])
        _sort(rows, kind, order_by, parameters.choice("order", ("asc", "desc"), "desc"), span)
        page, following = pager.page(parameters, rows, parameters.limit(20, 1000))
        data = [
            item
            for row in page
            if not (parameters.text("exclude_deleted_users") == "true" and _is_of_deleted_user(row))
            for item in self._seat_items(kind, row, grouped, span)
        ]
        return {"organization_id": ENTERPRISE_ORGANIZATION_ID, **_envelope(data, following, as_of)}

    def _seat_items(self, kind: Kind, row: Row, grouped: list[str], span: Span) -> Iterable[dict[str, Any]]:
        user = self._users[row.facts[0].use.caller.user_id or ""]
        actor = user_actor(user)
        actor["email"] = actor.pop("email_address")
        bucket = (instant_text(row.start), instant_text(row.end)) if span.width else (None, None)
        first = row.facts[0].dimensions
        common = {
            "actor": actor,
            **{name: first[name] if name in grouped else None for name in SEAT_DIMENSIONS},
            "starting_at": bucket[0],
            "ending_at": bucket[1],
        }
        requests = sum(fact.requests for fact in row.facts)
        if kind == "usage":
            yield {**common, **usage_metrics(row.facts, with_total=True), "requests": requests}
            return
        for fanned, facts in fan_out(row.facts, grouped):
            told = None if any(fanned.values()) else requests
            money = {name: f"{Decimal(amount):.6f}" for name, amount in amounts(facts).items()}
            yield {**common, **fanned, **money, "currency": "USD", "requests": told}

    def _facts(self, kind: Kind, account: AccountId, span: Span, as_of: date) -> Iterable[Fact]:
        for day in span.days:
            for use in self._claude.uses(account, day, as_of):
                if not span.start <= use.at < span.end:
                    continue
                dimensions = self._dimensions(use)
                if kind == "usage":
                    yield Fact(use, dimensions, requests=use.requests)
                    continue
                without_model = dimensions | dict.fromkeys(MODEL_DIMENSIONS)
                for number, part in enumerate(use.cost_parts):
                    shown = dimensions if part.has_model else without_model
                    yield Fact(use, shown, part, 0 if number else use.requests)

    def _dimensions(self, use: Use) -> dict[str, Any]:
        actor = self._actor(use)
        return {
            **dict.fromkeys(DIMENSIONS),
            "actor": actor,
            "actor_id": next((actor[name] for name in ACTOR_IDS if name in actor), None) if actor else None,
            "actor_type": actor["type"] if actor else None,
            "api_key_id": use.caller.api_key_id,
            "workspace_id": use.workspace_id,
            "product": use.product,
            **{name: getattr(use, name) for name in MODEL_DIMENSIONS},
        }

    def _actor(self, use: Use) -> dict[str, Any] | None:
        caller = use.caller
        if caller.user_id:
            return user_actor(self._users[caller.user_id])
        if caller.service_account_id:
            return {"type": "service_account_actor", "service_account_id": caller.service_account_id}
        if caller.federated:
            provider, subject = caller.federated
            return {"type": "federated_actor", "provider": provider, "subject": subject}
        if caller.api_key_id:
            return {"type": "api_actor", "api_key_id": caller.api_key_id}
        return None


ACTOR_IDS = ("user_id", "service_account_id", "api_key_id")


def user_actor(user: ClaudeUser) -> dict[str, Any]:
    """A user as reports show him."""
    return {
        "type": "user_actor",
        "user_id": user.user_id,
        "email_address": user.email,
        "name": user.name,
        "deleted": user.is_deleted,
    }


def group(facts: Iterable[Fact], span: Span, names: Sequence[str]) -> list[Row]:
    """Facts by bucket and dimensions. Identities that cannot be shown stay apart when grouped by actor."""
    rows: dict[tuple[Any, ...], Row] = {}
    for fact in facts:
        bucket = span.bucket(fact.use.at)
        values = (
            (fact.dimensions["actor_id"], fact.use.caller.federated, fact.use.caller.hidden)
            if name == "actor"
            else fact.dimensions[name]
            for name in names
        )
        rows.setdefault((bucket, *values), Row(*bucket, [])).facts.append(fact)
    return list(rows.values())


def fan_out(facts: list[Fact], grouped: Sequence[str]) -> Iterable[tuple[dict[str, str | None], list[Fact]]]:
    """The facts of a row by kind of cost and of token, as far as they are grouped by these."""
    by_cost, by_token = (name in grouped for name in FANNED)
    found: dict[tuple[str | None, str | None], list[Fact]] = {}
    for fact in facts:
        part = fact.part
        if part is None or (by_token and not by_cost and part.token_type is None):
            continue
        token_type = TOKEN_TYPE_NAMES[part.token_type] if by_token and part.token_type else None
        found.setdefault((part.cost_type if by_cost or by_token else None, token_type), []).append(fact)
    return [({"cost_type": cost, "token_type": token}, members) for (cost, token), members in found.items()]


def usage_metrics(facts: Iterable[Fact], with_total: bool = False) -> dict[str, Any]:
    """Summed tokens; the total and the requests too where the report has them."""
    uses = [fact.use for fact in facts]
    tokens = [use.tokens for use in uses]
    metrics: dict[str, Any] = {
        "uncached_input_tokens": sum(some.input_uncached for some in tokens),
        "cache_read_input_tokens": sum(some.cache_read for some in tokens),
        "output_tokens": sum(some.output for some in tokens),
        "cache_creation": {
            "ephemeral_5m_input_tokens": sum(some.cache_write_5m for some in tokens),
            "ephemeral_1h_input_tokens": sum(some.cache_write_1h for some in tokens),
        },
        "server_tool_use": {"web_search_requests": sum(use.web_searches for use in uses)},
    }
    if with_total:
        metrics["total_tokens"] = sum(number for some in tokens for _, number in some.items())
        metrics["requests"] = sum(use.requests for use in uses)
    return metrics


def amounts(facts: Iterable[Fact]) -> dict[str, str]:
    """Summed cents, after and before the discount."""
    parts = [(fact.use.day, fact.part.list_cents) for fact in facts if fact.part]
    listed = sum((cents for _, cents in parts), Decimal(0))
    billed = sum((discounted(cents, day) for day, cents in parts), Decimal(0))
    return {"amount": cents_text(billed), "list_amount": cents_text(listed)}


def cents_text(cents: Decimal) -> str:
    """Cents as a decimal string with all their fractions."""
    return f"{cents.normalize():f}"


def _check_grouping(grouped: list[str], parameters: Parameters) -> None:
    if len(set(grouped) - set(FANNED)) > MOST_DIMENSIONS:
        raise bad(f"group_by: at most {MOST_DIMENSIONS} dimensions")
    if parameters.text("exclude_deleted_users") == "true" and "actor" not in grouped:
        raise bad("exclude_deleted_users: requires group_by[]=actor")
    by_group = "rbac_group_id" in grouped or parameters.list("rbac_group_ids")
    if "claude_tag_user_id" in grouped and by_group:
        raise bad("group_by: claude_tag_user_id cannot be combined with rbac_group_id")
    parameters.list("products", PRODUCTS)


def _passes(fact: Fact, parameters: Parameters) -> bool:
    for name, dimension in FILTERS.items():
        wanted = parameters.list(name) if name in FILTERS else []
        if not wanted:
            continue
        value = fact.dimensions.get(dimension)
        if (NULL_WORDS.get(name) if value is None else value) not in wanted:
            return False
    return True


def _sort(rows: list[Row], kind: Kind, order_by: str, order: str, span: Span) -> None:
    metrics: dict[str, Callable[[Row], Any]] = {
        "amount": lambda row: sum(fact.part.list_cents for fact in row.facts if fact.part),
        "total_tokens": lambda row: sum(number for fact in row.facts for _, number in fact.use.tokens.items()),
        "output_tokens": lambda row: sum(fact.use.tokens.output for fact in row.facts),
        "uncached_input_tokens": lambda row: sum(fact.use.tokens.input_uncached for fact in row.facts),
        "requests": lambda row: sum(fact.requests for fact in row.facts),
    }
    metrics["list_amount"] = metrics["amount"]
    main = metrics[ORDERS[kind][0]]
    is_descending = order == "desc"
    if order_by == "time" and span.width:
        rows.sort(key=main, reverse=True)
        rows.sort(key=lambda row: row.start, reverse=is_descending)
    else:
        rows.sort(key=metrics.get(order_by, main), reverse=is_descending)


def _is_of_deleted_user(row: Row) -> bool:
    actor = row.facts[0].dimensions["actor"]
    return bool(actor and actor.get("deleted"))


def _envelope(data: list[Any], following: str | None, as_of: date) -> dict[str, Any]:
    return {
        "data": data,
        "has_more": following is not None,
        "next_page": following,
        "data_refreshed_at": instant_text(refreshed_at(as_of)),
    }
