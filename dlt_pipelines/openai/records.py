"""The shapes of OpenAI's records and the raw tables that they fill. Every field may be absent.

Source: OpenAI's API description of 2026-08. Fields that name a person are known and fill no column.
"""

from __future__ import annotations

from typing import Any

from dlt_pipelines.identifiers import Namespace
from dlt_pipelines.name_hints import name_hints
from dlt_pipelines.openai import tables as t
from dlt_pipelines.record_shapes import Output, RecordShape

Identifiers = dict[str, tuple[Namespace, str]]

WHO = ("project_id", "user_id", "api_key_id")
COST_GROUPS = ("project_id", "line_item", "api_key_id")
# What every usage endpoint can be grouped by: all of it is asked for.
USAGE_GROUPS = {
    "completions": (*WHO, "model", "batch", "service_tier"),
    "embeddings": (*WHO, "model"),
    "moderations": (*WHO, "model"),
    "images": (*WHO, "model", "size", "source"),
    "audio_speeches": (*WHO, "model"),
    "audio_transcriptions": (*WHO, "model"),
    "vector_stores": ("project_id",),
    "code_interpreter_sessions": ("project_id",),
    "file_search_calls": (*WHO, "vector_store_id"),
    "web_search_calls": (*WHO, "model", "context_level"),
}
USAGE_COUNTS = {
    "completions": (*t.TOKEN_COUNTS, "num_model_requests"),
    "embeddings": ("input_tokens", "num_model_requests"),
    "moderations": ("input_tokens", "num_model_requests"),
    "images": ("images", "num_model_requests"),
    "audio_speeches": ("characters", "num_model_requests"),
    "audio_transcriptions": ("seconds", "num_model_requests"),
    "vector_stores": ("usage_bytes",),
    "code_interpreter_sessions": ("num_sessions",),
    "file_search_calls": ("num_requests",),
    "web_search_calls": ("num_model_requests", "num_requests"),
}
EMAIL: Identifiers = {"id": ("openai_user", "user_key"), "email": ("email", "email_key")}


def _texts(*names: str) -> dict[str, Any]:
    return dict.fromkeys(names, "VARCHAR")


def _bigints(*names: str) -> dict[str, Any]:
    return dict.fromkeys(names, "BIGINT")


def _instants(*names: str) -> dict[str, str]:
    """SQL of the moments that unix seconds name."""
    return {name: f"to_timestamp(keyed.{name})" for name in names}


# The reader of the pages writes both numbers as text, so that no digit is lost on the way.
COSTS = RecordShape(
    structure={
        **_texts("object", "line_item", "project_id", "api_key_id", "quantity", "quantity_unit"),
        "amount": _texts("value", "currency"),
    },
    outputs=(
        Output(
            t.COSTS,
            expressions={
                "amount_value": "keyed.amount.value",
                "amount_currency": "lower(keyed.amount.currency)",
                "project_id": "nullif(keyed.project_id, '')",
                "api_key_id": "nullif(keyed.api_key_id, '')",
            },
        ),
    ),
    natural_key=COST_GROUPS,
    required=(),
    day=None,
    context=("grouped_by",),
)


def _usage(endpoint: str) -> RecordShape:
    groups = USAGE_GROUPS[endpoint]
    structure = {
        "object": "VARCHAR",
        **_bigints(*USAGE_COUNTS[endpoint]),
        **_texts(*groups),
        **({"batch": "BOOLEAN"} if "batch" in groups else {}),
    }
    # Where there is nothing to name, the vendor has been seen to write an empty text instead of null.
    blank = {name: f"nullif(keyed.{name}, '')" for name in groups if name not in ("batch", "user_id")}
    has_users = "user_id" in groups
    return RecordShape(
        structure=structure,
        outputs=(Output(t.USAGE_RESULTS, expressions={"endpoint": f"'{endpoint}'", **blank}),),
        natural_key=("object", *groups),
        required=(),
        identifiers={"user_id": ("openai_user", "user_key")} if has_users else {},
        day=None,
        user="user_id" if has_users else None,
        context=("grouped_by",),
    )


USAGE = {endpoint: _usage(endpoint) for endpoint in USAGE_GROUPS}

CODEX_COUNTS = {**_bigints("threads", "turns", *t.CODEX_TOKENS), "credits": "DECIMAL(38,9)"}
CODEX_USAGE = RecordShape(
    structure={
        **_texts("object", "user_id"),
        **_bigints("start_time", "end_time"),
        "actor": _texts("type", "user_id", "email"),
        "totals": CODEX_COUNTS,
        "clients": [{"client_id": "VARCHAR", **CODEX_COUNTS}],
        "models": [
            {**_texts("model", "speed"), "credits": "DECIMAL(38,9)", **_bigints(*t.CODEX_TOKENS)},
        ],
        "code_attribution": {
            "lines_of_code": {
                **_bigints("added", "removed", "committed"),
                "committed_percentage": "DECIMAL(38,9)",
            },
            "commits": {
                "with_codex_contribution": "BIGINT",
                "with_codex_contribution_percentage": "DECIMAL(38,9)",
            },
        },
    },
    outputs=(
        Output(
            t.CODEX_USER_DAYS,
            expressions={
                "actor_type": "keyed.actor.type",
                **{name: f"keyed.totals.{name}" for name in CODEX_COUNTS},
                "lines_added": "keyed.code_attribution.lines_of_code.added",
                "lines_removed": "keyed.code_attribution.lines_of_code.removed",
                "lines_committed": "keyed.code_attribution.lines_of_code.committed",
                "lines_committed_percentage": "keyed.code_attribution.lines_of_code.committed_percentage",
                "commits_with_codex": "keyed.code_attribution.commits.with_codex_contribution",
                "commits_with_codex_percentage": "keyed.code_attribution.commits.with_codex_contribution_percentage",
            },
        ),
        Output(t.CODEX_USER_DAY_CLIENTS, each="clients"),
        Output(t.CODEX_USER_DAY_MODELS, each="models"),
    ),
    natural_key=("object", "user_id"),
    required=(),
    identifiers={
        "user_id": ("openai_user", "user_key"),
        "actor.user_id": ("openai_user", "actor_user_key"),
        "actor.email": ("email", "actor_email_key"),
    },
    # The reader of the pages has compared start_time and end_time with the day.
    day=None,
    user="user_id",
)

PROJECTS = RecordShape(
    structure={
        **_texts("object", "id", "name", "status", "external_key_id"),
        **_bigints("created_at", "archived_at"),
        "residency": "JSON",
    },
    outputs=(Output(t.PROJECTS, expressions={"project_id": "keyed.id", **_instants("created_at", "archived_at")}),),
    natural_key=("id",),
    required=("id",),
    day=None,
)

USERS = RecordShape(
    structure={
        **_texts("object", "id", "name", "email", "role", "developer_persona", "technical_level"),
        **_bigints("added_at", "created", "api_key_last_used_at"),
        **dict.fromkeys(
            ("is_service_account", "is_scim_managed", "is_default", "is_scale_tier_authorized_purchaser"), "BOOLEAN"
        ),
        "projects": "JSON",
        "user": "JSON",
    },
    outputs=(Output(t.USERS, expressions=_instants("added_at", "api_key_last_used_at")),),
    natural_key=("id",),
    required=("id",),
    identifiers=EMAIL,
    day=None,
    user="id",
)

KEY_FIELDS = {
    **_texts("object", "id", "name", "redacted_value"),
    **_bigints("created_at", "last_used_at", "expires_at"),
}
KEY_COLUMNS = {
    "api_key_id": "keyed.id",
    "name_hints": name_hints("keyed.name"),
    "owner_type": "keyed.owner.type",
    **_instants("created_at", "last_used_at", "expires_at"),
}
KEY_NAME: Identifiers = {"name": ("openai_api_key_name", "name_key")}

ADMIN_API_KEYS = RecordShape(
    structure={
        **KEY_FIELDS,
        "owner": {**_texts("type", "object", "id", "name", "role"), "created_at": "BIGINT"},
    },
    outputs=(
        Output(
            t.ADMIN_API_KEYS,
            expressions={
                **KEY_COLUMNS,
                # One field holds the id of a user or of a service account.
                "owner_user_key": "case when keyed.owner.type = 'user' then keyed.owner_user_key end",
                "owner_service_account_id": "case when keyed.owner.type = 'service_account' then keyed.owner.id end",
                "owner_role": "keyed.owner.role",
            },
        ),
    ),
    natural_key=("id",),
    required=("id",),
    identifiers={**KEY_NAME, "owner.id": ("openai_user", "owner_user_key")},
    day=None,
)

PROJECT_API_KEYS = RecordShape(
    structure={
        **KEY_FIELDS,
        "owner_project_access": "VARCHAR",
        "owner": {
            "type": "VARCHAR",
            "user": {**_texts("id", "name", "email", "role"), "created_at": "BIGINT"},
            "service_account": {**_texts("id", "name", "role"), "created_at": "BIGINT"},
        },
    },
    outputs=(
        Output(
            t.PROJECT_API_KEYS,
            expressions={
                **KEY_COLUMNS,
                "owner_service_account_id": "keyed.owner.service_account.id",
                "owner_role": 'coalesce(keyed.owner."user".role, keyed.owner.service_account.role)',
            },
        ),
    ),
    natural_key=("id",),
    required=("id",),
    identifiers={**KEY_NAME, "owner.user.id": ("openai_user", "owner_user_key")},
    day=None,
    context=("project_id",),
)

PROJECT_SERVICE_ACCOUNTS = RecordShape(
    structure={**_texts("object", "id", "name", "role"), "created_at": "BIGINT"},
    outputs=(
        Output(
            t.PROJECT_SERVICE_ACCOUNTS,
            expressions={
                "service_account_id": "keyed.id",
                "name_hints": name_hints("keyed.name"),
                **_instants("created_at"),
            },
        ),
    ),
    natural_key=("id",),
    required=("id",),
    day=None,
    context=("project_id",),
)

PROJECT_USERS = RecordShape(
    structure={**_texts("object", "id", "name", "email", "role"), "added_at": "BIGINT"},
    outputs=(Output(t.PROJECT_USERS, expressions=_instants("added_at")),),
    natural_key=("project_id", "id"),
    required=("id",),
    identifiers=EMAIL,
    day=None,
    user="id",
    context=("project_id",),
)
