"""The flat, typed raw tables of OpenAI. Fields and their meaning: OpenAI's API description and Codex's analytics."""

from __future__ import annotations

from dlt_pipelines.manifest import REPORT_LOADS
from dlt_pipelines.schema import Column, Dataset, Table, count, day, flag, instant, number, text

LINEAGE = (
    text(
        "report_load_key",
        "The report that the row came from; only keys that report_loads names as current count.",
        required=True,
    ),
    text(
        "account_id",
        "Account that was asked: 'organization/<organization>' or 'workspace/<Codex workspace>', as in the settings.",
        required=True,
    ),
    text("scope", "'organization' or 'workspace'.", required=True),
)
RECORD_ORDINAL = count("record_ordinal", "Number of the record within its report.")
EXTRA = text("extra", "Fields of the vendor's record that this version does not know, as a JSON object; else NULL.")

DAY = (*LINEAGE, day("day", "UTC day of the use.", required=True), RECORD_ORDINAL)
SNAPSHOT = (*LINEAGE, day("snapshot_date", "UTC day of the reading.", required=True), RECORD_ORDINAL)

GROUPED_BY = text(
    "grouped_by",
    "What the vendor was asked to group by, comma-separated: NULL in such a column says that there is none, NULL in"
    " another says nothing.",
)
PROJECT_ID = text("project_id", "Project of the use.")
API_KEY_ID = text("api_key_id", "Key that was used; NULL for use without one.")

TOKEN_COUNTS = {
    "input_tokens": "All input, cached and cache-write tokens included.",
    "input_cached_tokens": "Input that was read from the cache.",
    "input_cache_write_tokens": "Input that was written to the cache.",
    "input_uncached_tokens": "Input that was neither.",
    "output_tokens": "All output.",
    "input_text_tokens": "Text of the uncached input.",
    "input_audio_tokens": "Audio of the uncached input.",
    "input_image_tokens": "Images of the uncached input.",
    "input_cached_text_tokens": "Text of the cached input.",
    "input_cached_audio_tokens": "Audio of the cached input.",
    "input_cached_image_tokens": "Images of the cached input.",
    "output_text_tokens": "Text of the output.",
    "output_audio_tokens": "Audio of the output.",
    "output_image_tokens": "Images of the output.",
}
OTHER_COUNTS = {
    "num_model_requests": "Model requests.",
    "num_requests": "Calls of the tool: file searches, web searches.",
    "num_sessions": "Code interpreter sessions.",
    "images": "Images made.",
    "characters": "Characters spoken.",
    "seconds": "Seconds transcribed.",
    "usage_bytes": "Bytes stored in vector stores.",
}
CODEX_TOKENS = {
    "uncached_text_input_tokens": "Input that was not cached; NULL where the vendor does not say.",
    "cached_text_input_tokens": "Input that was read from the cache.",
    "text_output_tokens": "Output.",
    "text_total_tokens": "All of them.",
}


def _counts(descriptions: dict[str, str]) -> tuple[Column, ...]:
    return tuple(count(name, description) for name, description in descriptions.items())


COSTS = Table(
    "costs",
    "result of the costs of one UTC day: project, line item and key",
    ("report_load_key", "record_ordinal"),
    (
        *DAY,
        PROJECT_ID,
        API_KEY_ID,
        text("line_item", "What was charged, in free text such as 'gpt-5-2025-08-07, Input'."),
        number("amount_value", "Amount in its currency, not in cents; the vendor writes it as number or as text."),
        text("amount_currency", "Currency, lower case."),
        number("quantity", "Quantity that was charged."),
        text("quantity_unit", "Its unit, such as tokens or images."),
        GROUPED_BY,
        EXTRA,
    ),
)

USAGE_RESULTS = Table(
    "usage_results",
    "result of one usage endpoint for one UTC day; what the endpoint does not count is NULL",
    ("report_load_key", "record_ordinal"),
    (
        *DAY,
        text("endpoint", "Usage endpoint, such as completions or images.", required=True),
        PROJECT_ID,
        API_KEY_ID,
        text("user_key", "Keyed pseudonym of the user id: the platform user who owns the key, not an end user."),
        text("model", "Model as the vendor writes it."),
        flag("batch", "Whether the requests came in batches (completions)."),
        text("service_tier", "Service tier (completions)."),
        text("size", "Size of the images."),
        text("source", "Where the images came from, such as image.generation."),
        text("vector_store_id", "Vector store that was searched."),
        text("context_level", "How much context the web search gave."),
        *_counts(TOKEN_COUNTS),
        *_counts(OTHER_COUNTS),
        GROUPED_BY,
        EXTRA,
    ),
)

CODEX_USER_DAYS = Table(
    "codex_user_days",
    "user of a Codex workspace and UTC day",
    ("report_load_key", "record_ordinal"),
    (
        *DAY,
        text("user_key", "Keyed pseudonym of the row's user_id."),
        text("actor_user_key", "Keyed pseudonym of actor.user_id."),
        text("actor_email_key", "Keyed pseudonym of the actor's e-mail; NULL where the vendor withholds it."),
        text("actor_type", "Kind of actor, such as ACCOUNT_USER."),
        count("threads", "Threads."),
        count("turns", "Turns: what was asked for explicitly."),
        number("credits", "Credits consumed; no official price."),
        *_counts(CODEX_TOKENS),
        count("lines_added", "code_attribution: lines that Codex added."),
        count("lines_removed", "code_attribution: lines that Codex removed."),
        count("lines_committed", "code_attribution: of these, lines that were committed."),
        number("lines_committed_percentage", "The same in percent."),
        count("commits_with_codex", "Commits to which Codex contributed."),
        number("commits_with_codex_percentage", "The same in percent."),
        EXTRA,
    ),
)
CODEX_USER_DAY_CLIENTS = Table(
    "codex_user_day_clients",
    "user of a Codex workspace, UTC day and client",
    ("report_load_key", "record_ordinal", "client_id"),
    (
        *DAY,
        text("client_id", "Client, such as CODEX_CLI or CODEX_WEB."),
        count("threads", "Threads."),
        count("turns", "Turns."),
        number("credits", "Credits consumed."),
        *_counts(CODEX_TOKENS),
        EXTRA,
    ),
)
CODEX_USER_DAY_MODELS = Table(
    "codex_user_day_models",
    "user of a Codex workspace, UTC day, model and speed",
    ("report_load_key", "record_ordinal", "model", "speed"),
    (
        *DAY,
        text("user_key", "Keyed pseudonym of the row's user_id."),
        text("actor_user_key", "Keyed pseudonym of actor.user_id."),
        text("model", "Model as the vendor writes it."),
        text("speed", "Speed, such as standard or fast."),
        number("credits", "Credits consumed."),
        *_counts(CODEX_TOKENS),
        EXTRA,
    ),
)

PROJECTS = Table(
    "projects",
    "snapshot day and project, archived ones included",
    ("report_load_key", "record_ordinal"),
    (
        *SNAPSHOT,
        text("project_id", "Project.", required=True),
        text("name", "Its name."),
        text("status", "active or archived."),
        text("external_key_id", "Key of the customer's key management, where there is one."),
        instant("created_at", "When it was made."),
        instant("archived_at", "When it was archived."),
        EXTRA,
    ),
)
USERS = Table(
    "users",
    "snapshot day and user of the organisation",
    ("report_load_key", "record_ordinal"),
    (
        *SNAPSHOT,
        text("user_key", "Keyed pseudonym of the user id.", required=True),
        text("email_key", "Keyed pseudonym of the e-mail."),
        text("role", "owner or reader."),
        flag("is_service_account", "A machine that is listed among the users."),
        flag("is_scim_managed", "Kept by the customer's directory."),
        instant("added_at", "When the user was added."),
        instant("api_key_last_used_at", "When a key of the user's was last used."),
        EXTRA,
    ),
)

KEY = (
    text("api_key_id", "Key.", required=True),
    text("name_key", "Keyed pseudonym of its name, which may hold a person's."),
    text("name_hints", "Recognised words of its name, sorted and comma-separated."),
    text("owner_type", "user or service_account."),
    text("owner_user_key", "Keyed pseudonym of the user who made it; no proof of whose use it is."),
    text("owner_service_account_id", "Service account that it belongs to."),
    text("owner_role", "Role of the owner."),
    instant("created_at", "When it was made."),
    instant("last_used_at", "When it was last used."),
    instant("expires_at", "When it expires."),
)
ADMIN_API_KEYS = Table(
    "admin_api_keys",
    "snapshot day and admin key",
    ("report_load_key", "record_ordinal"),
    (*SNAPSHOT, *KEY, EXTRA),
)
PROJECT_API_KEYS = Table(
    "project_api_keys",
    "snapshot day and key of a project",
    ("report_load_key", "record_ordinal"),
    (
        *SNAPSHOT,
        text("project_id", "Project whose keys were asked for."),
        *KEY,
        text("owner_project_access", "Whether its owner still has access to the project: active or inactive."),
        EXTRA,
    ),
)
PROJECT_SERVICE_ACCOUNTS = Table(
    "project_service_accounts",
    "snapshot day, project and service account",
    ("report_load_key", "record_ordinal"),
    (
        *SNAPSHOT,
        text("project_id", "Project whose service accounts were asked for."),
        text("service_account_id", "Service account.", required=True),
        text("name_hints", "Recognised words of its name, which is not loaded."),
        text("role", "owner or member."),
        instant("created_at", "When it was made."),
        EXTRA,
    ),
)
PROJECT_USERS = Table(
    "project_users",
    "snapshot day, project and user",
    ("report_load_key", "record_ordinal"),
    (
        *SNAPSHOT,
        text("project_id", "Project whose users were asked for."),
        text("user_key", "Keyed pseudonym of the user id.", required=True),
        text("email_key", "Keyed pseudonym of the e-mail."),
        text("role", "owner or member."),
        instant("added_at", "When the user was added."),
        EXTRA,
    ),
)

DATASET = Dataset(
    "openai",
    "raw_openai",
    "OpenAI costs, usage, Codex analytics and lists, as extracted; people are keyed pseudonyms.",
    (
        REPORT_LOADS,
        COSTS,
        USAGE_RESULTS,
        CODEX_USER_DAYS,
        CODEX_USER_DAY_CLIENTS,
        CODEX_USER_DAY_MODELS,
        PROJECTS,
        USERS,
        ADMIN_API_KEYS,
        PROJECT_API_KEYS,
        PROJECT_SERVICE_ACCOUNTS,
        PROJECT_USERS,
    ),
)
