"""The shapes of Copilot's report records and the raw tables that they fill.

Source: GitHub's Copilot usage metrics reference and example schemas; users reports are NDJSON, organisation and
enterprise reports one object. Breakdown arrays differ between user and aggregate records only in their parent.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dlt_pipelines.github_copilot import tables as t
from dlt_pipelines.identifiers import Namespace
from dlt_pipelines.record_shapes import Output, RecordShape
from dlt_pipelines.schema import Column

TYPES = {"bigint": "BIGINT", "decimal": "DECIMAL(38,9)", "text": "VARCHAR", "bool": "BOOLEAN", "date": "DATE"}

# Columns of GitHub's own pipeline that leak into the files.
LEAKED = ("etl_id", "day_partition", "entity_id_partition")


def _fields(columns: Iterable[Column]) -> dict[str, Any]:
    return {column.name: TYPES[column.data_type] for column in columns}


def _bigints(names: Iterable[str]) -> dict[str, Any]:
    return dict.fromkeys(names, "BIGINT")


def _texts(*names: str) -> dict[str, Any]:
    return dict.fromkeys(names, "VARCHAR")


COUNTERS = _fields(t.COUNTERS)
ACTIVITY = _fields(t.ACTIVITY)
SCOPE_IDS = _texts("organization_id", "enterprise_id")
TOKEN_USAGE = {
    "prompt_tokens_sum": "BIGINT",
    "output_tokens_sum": "BIGINT",
    "avg_tokens_per_request": "DECIMAL(38,9)",
}
CLI = {
    **_bigints(("session_count", "request_count", "prompt_count")),
    "token_usage": TOKEN_USAGE,
    "last_known_cli_version": _texts("cli_version", "sampled_at"),
}
VSCODE_AGENT = _bigints(("session_count", "total_user_messages"))

BREAKDOWNS: dict[str, Any] = {
    "totals_by_feature": [{**_texts("feature"), **COUNTERS}],
    "totals_by_model_feature": [{**_texts("model", "feature"), **COUNTERS}],
    "totals_by_language_feature": [{**_texts("language", "feature"), **ACTIVITY}],
    "totals_by_language_model": [{**_texts("language", "model"), **ACTIVITY}],
    "totals_by_ide": [
        {
            **_texts("ide"),
            **COUNTERS,
            "last_known_ide_version": _texts("ide_version", "sampled_at"),
            "last_known_plugin_version": _texts("plugin", "plugin_version", "sampled_at"),
        }
    ],
    "totals_by_cli": CLI,
    "totals_by_copilot_app": CLI,
    "totals_by_vscode_agent": VSCODE_AGENT,
    "totals_by_3rd_party_agent": [
        {**_texts("agent_id", "agent_name"), **_bigints(("user_initiated_interaction_count", "session_count"))}
    ],
    **{f"totals_by_{kind}": [{**_texts(kind), "interaction_count": "BIGINT"}] for kind in t.CUSTOMIZATIONS},
}
DISTINCT_USES = _bigints(f"distinct_{kind}_use_count" for kind in t.CUSTOMIZATIONS)
CHAT_PANEL_MODES = _bigints(f"chat_panel_{mode}_mode" for mode in t.CHAT_PANEL_MODES)

PULL_REQUESTS = {
    **_bigints(t.PULL_REQUEST_COUNTS),
    **dict.fromkeys(t.PULL_REQUEST_MEDIANS, "DECIMAL(38,9)"),
    "copilot_suggestions_by_comment_type": [
        {
            **_texts("comment_type"),
            **_bigints(("total_copilot_suggestions", "total_copilot_applied_suggestions")),
        }
    ],
}
PULL_REQUEST_COLUMNS = {
    f"pull_requests_{name}": f'keyed.pull_requests."{name}"'
    for name in (*t.PULL_REQUEST_COUNTS, *t.PULL_REQUEST_MEDIANS)
}

CLI_COLUMNS = {
    **{name: f"item.token_usage.{name}" for name in TOKEN_USAGE},
    "version": "item.last_known_cli_version.cli_version",
    "version_sampled_at": "item.last_known_cli_version.sampled_at",
}
VSCODE_COLUMNS = {"prompt_count": "item.total_user_messages"}
SURFACES = {
    "totals_by_cli": ("copilot_cli", CLI_COLUMNS),
    "totals_by_copilot_app": ("copilot_app", CLI_COLUMNS),
    "totals_by_vscode_agent": ("vscode_agent", VSCODE_COLUMNS),
}
USER: dict[str, tuple[Namespace, str]] = {
    "user_id": ("github_user", "user_key"),
    "user_login": ("github_login", "login_key"),
}

USER_DAY = RecordShape(
    structure={
        "day": "DATE",
        "user_id": "BIGINT",
        "user_login": "VARCHAR",
        **SCOPE_IDS,
        "report_start_day": "DATE",
        "report_end_day": "DATE",
        "ai_credits_used": "DECIMAL(38,9)",
        **COUNTERS,
        **dict.fromkeys(t.USED_FLAGS, "BOOLEAN"),
        **CHAT_PANEL_MODES,
        "ai_adoption_phase": {"phase": "VARCHAR", "phase_number": "BIGINT", "version": "VARCHAR"},
        **DISTINCT_USES,
        **BREAKDOWNS,
    },
    outputs=(
        Output(
            t.USER_DAYS,
            expressions={
                "ai_adoption_phase": "keyed.ai_adoption_phase.phase",
                "ai_adoption_phase_number": "keyed.ai_adoption_phase.phase_number",
                "ai_adoption_phase_version": "keyed.ai_adoption_phase.version",
            },
        ),
        Output(t.USER_DAY_FEATURES, each="totals_by_feature"),
        Output(t.USER_DAY_MODELS, each="totals_by_model_feature"),
        Output(t.USER_DAY_LANGUAGES, each="totals_by_language_feature"),
        Output(t.USER_DAY_LANGUAGE_MODELS, each="totals_by_language_model"),
        Output(
            t.USER_DAY_IDES,
            each="totals_by_ide",
            expressions={
                "ide_version": "item.last_known_ide_version.ide_version",
                "ide_version_sampled_at": "item.last_known_ide_version.sampled_at",
                "plugin": "item.last_known_plugin_version.plugin",
                "plugin_version": "item.last_known_plugin_version.plugin_version",
                "plugin_version_sampled_at": "item.last_known_plugin_version.sampled_at",
            },
        ),
        *(
            Output(t.USER_DAY_CLI, of=source, expressions={"surface": f"'{surface}'", **columns})
            for source, (surface, columns) in SURFACES.items()
        ),
        Output(t.USER_DAY_THIRD_PARTY_AGENTS, each="totals_by_3rd_party_agent"),
        *(
            Output(
                t.USER_DAY_CUSTOMIZATIONS,
                each=f"totals_by_{kind}",
                expressions={"kind": f"'{kind}'", "item": f"item.{kind}"},
            )
            for kind in t.CUSTOMIZATIONS
        ),
    ),
    natural_key=("day", "user_key"),
    required=("day", "user_id"),
    identifiers=USER,
    exact="ai_credits_used",
    user="user_id",
    ignored=LEAKED,
)

_BREAKDOWN_ITEMS: dict[str, dict[str, str]] = {
    "totals_by_ide": {
        "version": "item.last_known_ide_version.ide_version",
        "version_sampled_at": "item.last_known_ide_version.sampled_at",
    },
    "totals_by_feature": {},
    "totals_by_language_feature": {},
    "totals_by_language_model": {},
    "totals_by_model_feature": {},
    "totals_by_3rd_party_agent": {"item": "item.agent_id", "item_name": "item.agent_name"},
    **{f"totals_by_{kind}": {"item": f"item.{kind}"} for kind in t.CUSTOMIZATIONS},
}

ACCOUNT_DAY = RecordShape(
    structure={
        "day": "DATE",
        **SCOPE_IDS,
        **_bigints(t.ACTIVE_USER_COUNTS),
        **COUNTERS,
        **CHAT_PANEL_MODES,
        **DISTINCT_USES,
        **BREAKDOWNS,
        "pull_requests": PULL_REQUESTS,
        "totals_by_ai_adoption_phase": "JSON",
    },
    outputs=(
        Output(t.ORGANIZATION_DAYS, expressions=PULL_REQUEST_COLUMNS),
        *(
            Output(
                t.ORGANIZATION_DAY_BREAKDOWNS,
                each=source,
                expressions={"breakdown": f"'{source.removeprefix('totals_by_')}'", **columns},
            )
            for source, columns in _BREAKDOWN_ITEMS.items()
        ),
        *(
            Output(
                t.ORGANIZATION_DAY_BREAKDOWNS,
                of=source,
                expressions={"breakdown": f"'{source.removeprefix('totals_by_')}'", **columns},
            )
            for source, (_, columns) in SURFACES.items()
        ),
        Output(
            t.ORGANIZATION_DAY_BREAKDOWNS,
            each="pull_requests.copilot_suggestions_by_comment_type",
            expressions={"breakdown": "'copilot_suggestions_by_comment_type'", "item": "item.comment_type"},
        ),
    ),
    natural_key=("day",),
    ignored=LEAKED,
)

REVIEW_TIMES = {
    **_texts("authored_by", "reviewed_by"),
    "total_merged": "BIGINT",
    **{
        column.name: "DECIMAL(38,9)"
        for column in t.REPOSITORY_DAY_REVIEW_TIMES.columns
        if column.data_type == "decimal"
    },
}
REPOSITORY = {"repo_id": "keyed.repo_id"}

REPOSITORY_DAY = RecordShape(
    structure={
        "day": "DATE",
        **SCOPE_IDS,
        "repo_id": "BIGINT",
        **_texts("repo_owner_name", "repo_name", "repo_visibility"),
        "pull_requests": PULL_REQUESTS,
        "pull_request_review_times": [REVIEW_TIMES],
    },
    outputs=(
        Output(t.REPOSITORY_DAYS, expressions=PULL_REQUEST_COLUMNS),
        Output(t.REPOSITORY_DAY_REVIEW_TIMES, each="pull_request_review_times", expressions=REPOSITORY),
        Output(
            t.REPOSITORY_DAY_SUGGESTIONS,
            each="pull_requests.copilot_suggestions_by_comment_type",
            expressions=REPOSITORY,
        ),
    ),
    natural_key=("day", "repo_id"),
    required=("day", "repo_id"),
    ignored=LEAKED,
)

USER_TEAM_DAY = RecordShape(
    structure={
        "day": "DATE",
        "user_id": "BIGINT",
        "user_login": "VARCHAR",
        **SCOPE_IDS,
        "team_id": "BIGINT",
        "slug": "VARCHAR",
    },
    outputs=(Output(t.USER_TEAM_DAYS),),
    natural_key=("day", "user_key", "team_id"),
    user="user_id",
    required=("day", "user_id", "team_id"),
    identifiers=USER,
    ignored=LEAKED,
)
