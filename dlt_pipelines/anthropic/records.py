"""The shapes of Anthropic's records and the raw tables that they fill. Every field may be absent.

Rows of reports are made flat before (rows.py), so that a field of `group` or `cost` stands beside the others. Amounts
are cents in decimal strings; they stay text until they are decimals.
"""

from __future__ import annotations

from typing import Any

from dlt_pipelines.anthropic import tables as t
from dlt_pipelines.identifiers import Namespace
from dlt_pipelines.name_hints import name_hints
from dlt_pipelines.record_shapes import Output, RecordShape

Keys = dict[str, tuple[Namespace, str]]


def _texts(*names: str) -> dict[str, Any]:
    return dict.fromkeys(names, "VARCHAR")


def _counts(*names: str) -> dict[str, Any]:
    return dict.fromkeys(names, "BIGINT")


def day_of(field: str) -> str:
    """SQL of the UTC day with which a moment's text begins; NULL where there is none."""
    return f"try_cast(substr({field}, 1, 10) as date)"


# People have names in every actor; the structure knows them so that they are dropped.
USER_FIELDS = {**_texts("type", "user_id", "email_address", "email", "name"), "deleted": "BOOLEAN"}
ACTOR = {**USER_FIELDS, **_texts("service_account_id", "api_key_id", "provider", "subject", "federated_identity")}
USER_KEYS: Keys = {
    "actor.user_id": ("anthropic_user", "user_key"),
    "actor.email_address": ("email", "email_key"),
    "actor.email": ("email", "older_email_key"),
}
ACTOR_KEYS: Keys = {**USER_KEYS, "actor.federated_identity": ("anthropic_federated", "actor_federated_key")}
USER_COLUMNS = {"actor_type": "keyed.actor.type", "is_user_deleted": "keyed.actor.deleted"}
ACTOR_COLUMNS = {
    **USER_COLUMNS,
    "actor_service_account_id": "keyed.actor.service_account_id",
    "actor_api_key_id": "keyed.actor.api_key_id",
}
# Dimensions that are never asked for, so always null: known, and of no use.
UNASKED = (
    *("actor_type", "organization_id", "rbac_group_id", "agent_id", "deployment_id", "environment_id", "session_id"),
    *("slack_channel_id", "claude_tag_user_id", "claude_tag_category", "user_profile_id"),
)
SPAN = _texts("starting_at", "ending_at")
MODEL_DIMENSIONS = _texts("model", "service_tier", "context_window", "inference_geo", "speed")
TOKENS = {
    **_counts("uncached_input_tokens", "cache_read_input_tokens", "output_tokens"),
    "cache_creation": _counts("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"),
    "server_tool_use": _counts("web_search_requests"),
}
TOKEN_COLUMNS = {
    "cache_write_5m_input_tokens": "keyed.cache_creation.ephemeral_5m_input_tokens",
    "cache_write_1h_input_tokens": "keyed.cache_creation.ephemeral_1h_input_tokens",
    "web_search_requests": "keyed.server_tool_use.web_search_requests",
}
AMOUNTS = _texts("amount", "list_amount", "currency", "cost_type", "token_type")
AMOUNT_COLUMNS = {"amount_cents": "keyed.amount", "list_amount_cents": "keyed.list_amount"}
REPORT_CONTEXT = ("grouped_by", "data_refreshed_at")

ANALYTICS_USAGE = RecordShape(
    structure={
        **SPAN,
        "actor": ACTOR,
        **_texts("api_key_id", "workspace_id", "product"),
        **MODEL_DIMENSIONS,
        **TOKENS,
        **_counts("total_tokens", "requests"),
    },
    outputs=(Output(t.ANALYTICS_USAGE, expressions={**ACTOR_COLUMNS, **TOKEN_COLUMNS}),),
    natural_key=(),
    required=("starting_at",),
    identifiers=ACTOR_KEYS,
    ignored=(*UNASKED, "cost_type", "token_type"),
    day=day_of("starting_at"),
    user="actor.user_id",
    context=REPORT_CONTEXT,
)
ANALYTICS_COST = RecordShape(
    structure={
        **SPAN,
        "actor": ACTOR,
        **_texts("api_key_id", "workspace_id", "product", "model"),
        **AMOUNTS,
        **_counts("requests"),
    },
    outputs=(Output(t.ANALYTICS_COSTS, expressions={**ACTOR_COLUMNS, **AMOUNT_COLUMNS}),),
    natural_key=(),
    required=("starting_at",),
    identifiers=ACTOR_KEYS,
    exact="list_amount",
    ignored=(*UNASKED, "service_tier", "context_window", "inference_geo", "speed"),
    day=day_of("starting_at"),
    user="actor.user_id",
    context=REPORT_CONTEXT,
)
MESSAGES_USAGE = RecordShape(
    structure={
        **_texts("vendor_account_id", "api_key_id", "service_account_id", "workspace_id"),
        **MODEL_DIMENSIONS,
        **TOKENS,
    },
    outputs=(Output(t.MESSAGES_USAGE, expressions=TOKEN_COLUMNS),),
    natural_key=(),
    required=(),
    identifiers={"vendor_account_id": ("anthropic_user", "user_key")},
    day=None,
    user="vendor_account_id",
    context=("grouped_by",),
)
COST_REPORT = RecordShape(
    structure={
        **_texts("workspace_id", "description", "model", "service_tier", "context_window", "inference_geo"),
        **_texts("amount", "currency", "cost_type", "token_type"),
    },
    outputs=(Output(t.COST_REPORT, expressions={"amount_cents": "keyed.amount"}),),
    natural_key=(),
    required=(),
    exact="amount",
    day=None,
    context=("grouped_by",),
)
USER_USAGE = RecordShape(
    structure={
        **SPAN,
        "actor": USER_FIELDS,
        **_texts("product", "model", "context_window", "inference_geo", "speed"),
        **TOKENS,
        **_counts("total_tokens", "requests"),
    },
    outputs=(Output(t.USER_USAGE, expressions={**USER_COLUMNS, **TOKEN_COLUMNS}),),
    natural_key=(),
    required=(),
    identifiers=USER_KEYS,
    ignored=("rbac_group_id", "slack_channel_id"),
    day=None,
    user="actor.user_id",
    context=REPORT_CONTEXT,
)
USER_COST = RecordShape(
    structure={
        **SPAN,
        "actor": USER_FIELDS,
        **_texts("product", "model"),
        **AMOUNTS,
        **_counts("requests"),
    },
    outputs=(Output(t.USER_COSTS, expressions={**USER_COLUMNS, **AMOUNT_COLUMNS}),),
    natural_key=(),
    required=(),
    identifiers=USER_KEYS,
    exact="list_amount",
    ignored=("rbac_group_id", "slack_channel_id", "context_window", "inference_geo", "speed"),
    day=None,
    user="actor.user_id",
    context=REPORT_CONTEXT,
)


def _actions(map_of_tools: str, field: str) -> str:
    """SQL of the sum of a count over all tools of a map; NULL where there is no tool."""
    counts = f"json_extract({map_of_tools}, '$.*.{field}')"
    return f"list_sum(list_transform({counts}, n -> try_cast(json_extract_string(n, '$') as bigint)))"


def _decimal(number: str) -> str:
    """SQL of a number that may come as text, by its own digits; NULL where it is neither."""
    return f"try_cast(json_extract_string({number}, '$') as decimal(38, 9))"


CLAUDE_CODE = RecordShape(
    structure={
        "date": "VARCHAR",
        "actor": _texts("type", "email_address", "email", "api_key_name"),
        **_texts("organization_id", "customer_type", "subscription_type", "terminal_type"),
        "is_remote": "BOOLEAN",
        "core_metrics": {
            **_counts("num_sessions", "commits_by_claude_code", "pull_requests_by_claude_code"),
            "lines_of_code": _counts("added", "removed"),
        },
        # Tools come and go, so a map and no object.
        "tool_actions": "JSON",
        "model_breakdown": [
            {
                "model": "VARCHAR",
                "tokens": _counts("input", "output", "cache_read", "cache_creation"),
                "estimated_cost": {"amount": "JSON", "currency": "VARCHAR"},
            }
        ],
    },
    outputs=(
        Output(
            t.CLAUDE_CODE_DAYS,
            expressions={
                "actor_type": "keyed.actor.type",
                "name_hints": name_hints("keyed.actor.api_key_name"),
                "sessions": "keyed.core_metrics.num_sessions",
                "lines_added": "keyed.core_metrics.lines_of_code.added",
                "lines_removed": "keyed.core_metrics.lines_of_code.removed",
                "commits": "keyed.core_metrics.commits_by_claude_code",
                "pull_requests": "keyed.core_metrics.pull_requests_by_claude_code",
                "accepted_actions": _actions("keyed.tool_actions", "accepted"),
                "rejected_actions": _actions("keyed.tool_actions", "rejected"),
                "estimated_cents": "list_sum(list_transform(keyed.model_breakdown, m -> "
                f"{_decimal('m.estimated_cost.amount')}))",
            },
        ),
        Output(
            t.CLAUDE_CODE_MODELS,
            each="model_breakdown",
            expressions={
                "input_tokens": "item.tokens.input",
                "output_tokens": "item.tokens.output",
                "cache_read_tokens": "item.tokens.cache_read",
                "cache_creation_tokens": "item.tokens.cache_creation",
                "estimated_cents": _decimal("item.estimated_cost.amount"),
                "currency": "item.estimated_cost.currency",
            },
        ),
    ),
    # The report has no id; fewer columns would take one person's two terminals for one.
    natural_key=(
        *("date", "actor.type", "actor.email_address", "actor.email", "actor.api_key_name", "terminal_type"),
        *("customer_type", "subscription_type", "is_remote"),
    ),
    required=("date",),
    identifiers={
        "actor.email_address": ("email", "email_key"),
        "actor.email": ("email", "older_email_key"),
        "actor.api_key_name": ("anthropic_api_key_name", "name_key"),
    },
    day=day_of('"date"'),
    user="actor.email_address",
)

METRICS = ("chat_metrics", "claude_code_metrics", "cowork_metrics", "design_metrics", "office_metrics")
SCIENCE = "science_metrics"


def _metric(surface: str, field: str) -> str:
    return f"try_cast(json_extract_string(keyed.{surface}_metrics, '$.{field}') as bigint)"


def _office(field: str) -> str:
    """SQL of the sum of a count over the Office add-ins."""
    return _actions("keyed.office_metrics", field)


CODE = "keyed.claude_code_metrics"
USERS_ACTIVITY = RecordShape(
    structure={
        "user": _texts("id", "email_address", "email", "name", "type"),
        "claude_code_metrics": {
            "core_metrics": {
                **_counts("commit_count", "pull_request_count", "distinct_session_count"),
                "lines_of_code": _counts("added_count", "removed_count"),
            },
            "tool_actions": "JSON",
        },
        # New counts are added to these every few weeks; they stay whole.
        **dict.fromkeys(("chat_metrics", "cowork_metrics", "design_metrics", "office_metrics", SCIENCE), "JSON"),
        "web_search_count": "BIGINT",
        "last_activity_date": "VARCHAR",
    },
    outputs=(
        Output(
            t.USERS_ACTIVITY,
            expressions={
                "sessions": f"{CODE}.core_metrics.distinct_session_count",
                "lines_added": f"{CODE}.core_metrics.lines_of_code.added_count",
                "lines_removed": f"{CODE}.core_metrics.lines_of_code.removed_count",
                "commits": f"{CODE}.core_metrics.commit_count",
                "pull_requests": f"{CODE}.core_metrics.pull_request_count",
                "accepted_actions": _actions(f"{CODE}.tool_actions", "accepted_count"),
                "rejected_actions": _actions(f"{CODE}.tool_actions", "rejected_count"),
                "tool_actions": f"{CODE}.tool_actions",
                "chat_messages": _metric("chat", "message_count"),
                "chat_conversations": _metric("chat", "distinct_conversation_count"),
                "cowork_messages": _metric("cowork", "message_count"),
                "cowork_sessions": _metric("cowork", "distinct_session_count"),
                "design_messages": _metric("design", "message_count"),
                "design_sessions": _metric("design", "distinct_session_count"),
                "office_messages": _office("message_count"),
                "office_sessions": _office("distinct_session_count"),
                "science_messages": _metric("science", "message_count"),
                "science_sessions": _metric("science", "distinct_session_count"),
                "web_searches": "keyed.web_search_count",
                # Whatever is counted, known to us or not: a digit other than zero stands as a value somewhere.
                "has_any_count": "regexp_matches(nullif(concat("
                + ", ".join(
                    f"coalesce(cast(to_json(keyed.{name}) as varchar), '')"
                    for name in (*METRICS, SCIENCE, "web_search_count")
                )
                + r"), ''), '(^|[:}])\s*-?[0-9.]*[1-9]')",
            },
        ),
    ),
    natural_key=("user.id",),
    required=(),
    identifiers={
        "user.id": ("anthropic_user", "user_key"),
        "user.email_address": ("email", "email_key"),
        "user.email": ("email", "older_email_key"),
    },
    ignored=("rbac_group_id", "rbac_group_name", "distinct_user_count", "date"),
    day=None,
    user="user.id",
)
_SUMMARY_COUNTS = [column.name for column in t.SUMMARIES.columns if column.name.endswith("_count")]
_SUMMARY_RATES = [column.name for column in t.SUMMARIES.columns if column.name.endswith("_rate")]
SUMMARIES = RecordShape(
    structure={
        **SPAN,
        **_counts(*_SUMMARY_COUNTS),
        **dict.fromkeys(_SUMMARY_RATES, "DECIMAL(38,9)"),
    },
    outputs=(Output(t.SUMMARIES),),
    natural_key=(),
    required=("starting_at",),
    day=day_of("starting_at"),
)

API_KEYS = RecordShape(
    structure={
        **_texts("id", "name", "partial_key_hint", "status", "type", "workspace_id", "created_at", "expires_at"),
        "vendor_scope": _texts("type", "workspace_id"),
        # rows.py puts a user's id in user_id; who made a key is of no use: its use is not his.
        "principal": _texts("id", "type", "user_id"),
        "created_by": _texts("id", "type"),
    },
    outputs=(
        Output(
            t.API_KEYS,
            expressions={
                "api_key_id": "keyed.id",
                "name_hints": name_hints("keyed.name"),
                "workspace_id": "coalesce(keyed.workspace_id, keyed.vendor_scope.workspace_id)",
                "key_scope": "keyed.vendor_scope.type",
                "acts_as_type": "keyed.principal.type",
                "acts_as_service_account_id": "case when keyed.principal.type = 'service_account'"
                " then keyed.principal.id end",
            },
        ),
    ),
    natural_key=("id",),
    required=("id",),
    identifiers={
        "name": ("anthropic_api_key_name", "name_key"),
        "principal.user_id": ("anthropic_user", "acts_as_user_key"),
    },
    day=None,
)
WORKSPACES = RecordShape(
    structure={
        **_texts("id", "name", "type", "created_at", "archived_at", "display_color", "compartment_id"),
        **_texts("external_key_id"),
        "tags": "JSON",
        "data_residency": "JSON",
    },
    outputs=(Output(t.WORKSPACES, expressions={"workspace_id": "keyed.id"}),),
    natural_key=("id",),
    required=("id",),
    day=None,
)
USERS = RecordShape(
    structure=_texts("id", "email", "email_address", "name", "role", "added_at", "type"),
    outputs=(Output(t.USERS),),
    natural_key=("id",),
    required=("id",),
    identifiers={
        "id": ("anthropic_user", "user_key"),
        "email_address": ("email", "email_key"),
        "email": ("email", "older_email_key"),
    },
    day=None,
    user="id",
)
SERVICE_ACCOUNTS = RecordShape(
    structure=_texts(
        *("id", "name", "description", "organization_role", "created_at", "updated_at", "archived_at", "type"),
        *("created_by_actor_id", "updated_by_actor_id", "archived_by_actor_id"),
    ),
    outputs=(
        Output(
            t.SERVICE_ACCOUNTS,
            expressions={"service_account_id": "keyed.id", "name_hints": name_hints("keyed.name")},
        ),
    ),
    natural_key=("id",),
    required=("id",),
    identifiers={"name": ("anthropic_api_key_name", "name_key")},
    day=None,
)
WORKSPACE_MEMBERS = RecordShape(
    structure=_texts("user_id", "workspace_id", "workspace_role", "type"),
    outputs=(Output(t.WORKSPACE_MEMBERS),),
    natural_key=("workspace_id", "user_id"),
    required=("workspace_id", "user_id"),
    identifiers={"user_id": ("anthropic_user", "user_key")},
    day=None,
    user="user_id",
)
SPEND_LIMITS = RecordShape(
    structure={
        "actor": USER_FIELDS,
        **_texts("amount", "currency", "period", "period_to_date_spend", "spend_limit_id"),
        "vendor_scope": _texts("type", "user_id"),
        "source": "JSON",
    },
    outputs=(
        Output(
            t.SPEND_LIMITS,
            expressions={
                **USER_COLUMNS,
                "limit_cents": "try_cast(keyed.amount as decimal(38, 9))",
                "period_to_date_cents": "try_cast(keyed.period_to_date_spend as decimal(38, 9))",
                "source_type": "json_extract_string(keyed.source, '$.type')",
                "seat_tier": "json_extract_string(keyed.source, '$.seat_tier')",
            },
        ),
    ),
    natural_key=(),
    required=(),
    identifiers=USER_KEYS,
    day=None,
    user="actor.user_id",
)
SPEND_REPORT = RecordShape(
    structure={
        **dict.fromkeys(("period_start", "period_end"), "DATE"),
        **_texts("file_name", "user_id", "email", "account_uuid", "product", "model", "model_family"),
        **_counts("requests", "prompt_tokens", "uncached_input_tokens", "cache_read_input_tokens", "output_tokens"),
        **_counts("cache_write_5m_input_tokens", "cache_write_1h_input_tokens", "web_search_requests"),
        **_texts("net_spend_usd", "gross_spend_usd"),
    },
    outputs=(Output(t.SPEND_REPORT_ROWS),),
    natural_key=(),
    required=("period_start", "period_end"),
    identifiers={"user_id": ("anthropic_user", "user_key"), "email": ("email", "email_key")},
    day=None,
    user="email",
)
