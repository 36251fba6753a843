"""The flat, typed raw tables of Anthropic. Fields and their meaning: Anthropic's Admin and Analytics API reference."""

from __future__ import annotations

from dlt_pipelines.manifest import REPORT_LOADS
from dlt_pipelines.schema import Dataset, Table, count, day, flag, instant, number, text

LINEAGE = (
    text(
        "report_load_key",
        "The report that the row came from; only keys that report_loads names as current count.",
        required=True,
    ),
    text(
        "account_id",
        "Account that was asked: 'console/<organization>', 'enterprise/<enterprise>' or 'team/<team>', as in the"
        " settings.",
        required=True,
    ),
    text("scope", "'console', 'enterprise' or 'team'.", required=True),
)
RECORD_ORDINAL = count("record_ordinal", "Number of the record within its report; Anthropic gives rows no id.")
EXTRA = text("extra", "Fields of the vendor's record that this version does not know, as a JSON object; else NULL.")
DAY = (*LINEAGE, day("day", "UTC day of the use.", required=True), RECORD_ORDINAL)
SNAPSHOT = (
    *LINEAGE,
    day("snapshot_date", "UTC day on which the list was read.", required=True),
    RECORD_ORDINAL,
)

GROUPED_BY = text(
    "grouped_by",
    "What the vendor was asked to group by, comma-separated: NULL in one of these columns says that there is none, NULL"
    " in another says nothing.",
)
REFRESHED = instant("data_refreshed_at", "Up to when the vendor's data were complete when it answered.")

USER_KEY = text("user_key", "Keyed pseudonym of the user id (user_…), which a deleted account keeps.")
EMAILS = (
    text("email_key", "Keyed pseudonym of the user's e-mail in the field email_address."),
    text("older_email_key", "Keyed pseudonym of the user's e-mail in the field email, its name in August 2026."),
)
ACTOR = (
    text("actor_type", "user_actor, service_account_actor, federated_actor or api_actor; NULL without an actor."),
    USER_KEY,
    *EMAILS,
    flag("is_user_deleted", "The user was removed or deleted."),
)
MACHINES = (
    text("actor_service_account_id", "Service account (svac_…) that acted."),
    text("actor_federated_key", "Keyed pseudonym of provider and subject of a federated identity."),
    text("actor_api_key_id", "Key (apikey_…) that stands for an actor of which nothing else is known."),
)
API_KEY_ID = text("api_key_id", "Key that authenticated, whoever acted; NULL without a key.")
PRODUCT = text("product", "Product of the vendor; NULL where it names none.")
MODEL = text("model", "Model as the vendor writes it; NULL for costs without one.")
SERVICE_TIER = text("service_tier", "standard, batch, priority, … ; NULL where not asked or not told.")
CONTEXT_WINDOW = text("context_window", "0-200k or 200k-1M; NULL where not asked or not told.")
INFERENCE_GEO = text("inference_geo", "global, us or not_available; NULL where not asked or not told.")
SPEED = text("speed", "fast or standard; NULL where not asked or not told.")
COST_TYPE = text("cost_type", "tokens, web_search, code_execution or session_usage.")
TOKEN_TYPE = text("token_type", "Token class of a cost of type tokens.")
TOKENS = (
    count("uncached_input_tokens", "Input that was neither read from nor written to the cache."),
    count("cache_read_input_tokens", "Input that was read from the cache."),
    count("cache_write_5m_input_tokens", "Input written to the 5-minute cache."),
    count("cache_write_1h_input_tokens", "Input written to the 1-hour cache."),
    count("output_tokens", "Output, thinking included."),
    count("web_search_requests", "Web searches of the server tool."),
)
TOTALS = (
    count("total_tokens", "All token classes, as the vendor adds them up."),
    count("requests", "Requests; NULL where the vendor does not say."),
)
CURRENCY = text("currency", "Currency of the amounts; always USD so far.")
AMOUNT = number("amount_cents", "Cents after discounts, before credits: what is billed.")
LIST_AMOUNT = number("list_amount_cents", "Cents at list price, before discounts.")

ANALYTICS_USAGE = Table(
    "analytics_usage",
    "group of the analytics usage report of one UTC day; groups without an actor are not unique",
    ("report_load_key", "record_ordinal"),
    (
        *DAY,
        GROUPED_BY,
        REFRESHED,
        *ACTOR,
        *MACHINES,
        API_KEY_ID,
        text("workspace_id", "Workspace, the default one by its real id."),
        PRODUCT,
        MODEL,
        SERVICE_TIER,
        CONTEXT_WINDOW,
        INFERENCE_GEO,
        SPEED,
        *TOKENS,
        *TOTALS,
        EXTRA,
    ),
)
ANALYTICS_COSTS = Table(
    "analytics_costs",
    "group, cost type and token type of the analytics cost report of one UTC day; groups without an actor are not"
    " unique",
    ("report_load_key", "record_ordinal"),
    (
        *DAY,
        GROUPED_BY,
        REFRESHED,
        *ACTOR,
        *MACHINES,
        API_KEY_ID,
        text("workspace_id", "Workspace, the default one by its real id."),
        PRODUCT,
        MODEL,
        COST_TYPE,
        TOKEN_TYPE,
        AMOUNT,
        LIST_AMOUNT,
        CURRENCY,
        count("requests", "Requests; NULL when grouped by cost type or token type."),
        EXTRA,
    ),
)
MESSAGES_USAGE = Table(
    "messages_usage",
    "group of the older usage report of the Messages API of one UTC day",
    ("report_load_key", "record_ordinal"),
    (
        *DAY,
        GROUPED_BY,
        text("user_key", "Keyed pseudonym of the user account; NULL for requests without OAuth."),
        text("api_key_id", "Key that authenticated; NULL for use in the Console."),
        text("service_account_id", "Service account; NULL for requests that are not federated."),
        text("workspace_id", "Workspace; NULL for the default one."),
        MODEL,
        SERVICE_TIER,
        CONTEXT_WINDOW,
        INFERENCE_GEO,
        SPEED,
        *TOKENS,
        EXTRA,
    ),
)
COST_REPORT = Table(
    "cost_report",
    "workspace and description of the older cost report of one UTC day; without Priority Tier",
    ("report_load_key", "record_ordinal"),
    (
        *DAY,
        GROUPED_BY,
        text("workspace_id", "Workspace; NULL for the default one."),
        text("description", "What was charged, in the vendor's words."),
        COST_TYPE,
        MODEL,
        TOKEN_TYPE,
        SERVICE_TIER,
        CONTEXT_WINDOW,
        INFERENCE_GEO,
        AMOUNT,
        CURRENCY,
        EXTRA,
    ),
)
USER_USAGE = Table(
    "user_usage",
    "seat user and group of the older Enterprise usage report of one UTC day",
    ("report_load_key", "record_ordinal"),
    (
        *DAY,
        GROUPED_BY,
        REFRESHED,
        *ACTOR,
        PRODUCT,
        MODEL,
        CONTEXT_WINDOW,
        INFERENCE_GEO,
        SPEED,
        *TOKENS,
        *TOTALS,
        EXTRA,
    ),
)
USER_COSTS = Table(
    "user_costs",
    "seat user, group, cost type and token type of the older Enterprise cost report of one UTC day",
    ("report_load_key", "record_ordinal"),
    (
        *DAY,
        GROUPED_BY,
        REFRESHED,
        *ACTOR,
        PRODUCT,
        MODEL,
        COST_TYPE,
        TOKEN_TYPE,
        AMOUNT,
        LIST_AMOUNT,
        CURRENCY,
        count("requests", "Requests; NULL when grouped by cost type or token type."),
        EXTRA,
    ),
)
CODE_COUNTS = (
    count("sessions", "Sessions begun."),
    count("lines_added", "Lines added."),
    count("lines_removed", "Lines removed."),
    count("commits", "Commits made."),
    count("pull_requests", "Pull requests made."),
    count("accepted_actions", "Edits of all tools that were accepted."),
    count("rejected_actions", "Edits of all tools that were rejected."),
    text("tool_actions", "Accepted and rejected edits by tool, as the vendor sent them: a JSON object."),
)
CLAUDE_CODE_DAYS = Table(
    "claude_code_days",
    "actor, terminal, customer type, subscription and remote mode of one UTC day of the Claude Code report",
    ("report_load_key", "record_ordinal"),
    (
        *DAY,
        text("actor_type", "user_actor or api_actor."),
        *EMAILS,
        text("name_key", "Keyed pseudonym of the API key's name: the report does not tell its id."),
        text("name_hints", "Recognised words of the key's name, comma-separated."),
        text("customer_type", "api or subscription."),
        text("subscription_type", "enterprise or team; NULL for API customers."),
        text("terminal_type", "Terminal or editor."),
        flag("is_remote", "Claude Code on the web; NULL where the vendor does not say."),
        *CODE_COUNTS,
        number("estimated_cents", "The vendor's estimate over all models, in cents; nobody is billed that amount."),
        EXTRA,
    ),
)
CLAUDE_CODE_MODELS = Table(
    "claude_code_models",
    "row of claude_code_days and model",
    ("report_load_key", "record_ordinal", "model"),
    (
        *DAY,
        MODEL,
        count("input_tokens", "Uncached input."),
        count("output_tokens", "Output."),
        count("cache_read_tokens", "Read from the cache."),
        count("cache_creation_tokens", "Written to the cache, of either lifetime."),
        number("estimated_cents", "The vendor's estimate in cents, probably rounded to whole ones."),
        text("currency", "Currency of the estimate."),
        EXTRA,
    ),
)
USERS_ACTIVITY = Table(
    "users_activity",
    "seat user of one UTC day of the Enterprise engagement report; a row is no activity",
    ("report_load_key", "record_ordinal"),
    (
        *DAY,
        USER_KEY,
        *EMAILS,
        *CODE_COUNTS,
        count("chat_messages", "Messages in chat."),
        count("chat_conversations", "Conversations in chat."),
        count("cowork_messages", "Messages in Cowork."),
        count("cowork_sessions", "Sessions of Cowork."),
        count("design_messages", "Messages in Claude Design."),
        count("design_sessions", "Sessions of Claude Design."),
        count("office_messages", "Messages in the Office add-ins."),
        count("office_sessions", "Sessions of the Office add-ins."),
        count("science_messages", "Messages in Science."),
        count("science_sessions", "Sessions of Science."),
        count("web_searches", "Web searches."),
        flag("has_any_count", "Any count of the record is above zero, those without a column included."),
        text("chat_metrics", "All counts of chat, a JSON object."),
        text("cowork_metrics", "All counts of Cowork, a JSON object."),
        text("design_metrics", "All counts of Claude Design, a JSON object."),
        text("office_metrics", "All counts of the Office add-ins, a JSON object."),
        text("science_metrics", "All counts of Science, a JSON object."),
        text("last_activity_date", "Last day with activity, as the vendor writes it."),
        EXTRA,
    ),
)
SURFACES = ("chat", "claude_code", "claude_design", "cowork", "office_agent", "science")
SUMMARIES = Table(
    "summaries",
    "UTC day of an Enterprise organisation: seats and active users",
    ("report_load_key", "record_ordinal"),
    (
        *DAY,
        count("assigned_seat_count", "Seats that are assigned."),
        count("pending_invite_count", "Invitations that are pending."),
        *(
            count(f"{period}_active_user_count", f"Users who were active ({period}); never summed over days.")
            for period in ("daily", "weekly", "monthly")
        ),
        *(
            number(f"{period}_adoption_rate", f"Share of seats that were active ({period}), as the vendor gives it.")
            for period in ("daily", "weekly", "monthly")
        ),
        *(
            count(f"{surface}_{period}_active_user_count", f"Active users of {surface} ({period}).")
            for surface in SURFACES
            for period in ("daily", "weekly", "monthly")
        ),
        count("science_entitled_user_count", "Users who may use Science."),
        EXTRA,
    ),
)

API_KEYS = Table(
    "api_keys",
    "snapshot day, account and API key",
    ("report_load_key", "api_key_id"),
    (
        *SNAPSHOT,
        text("api_key_id", "Id of the key (apikey_…).", required=True),
        text("name_key", "Keyed pseudonym of the key's name, which may be a person's."),
        text("name_hints", "Recognised words of the name, comma-separated."),
        text("status", "active, inactive, archived or expired."),
        text("workspace_id", "Workspace of the key, in either form of the answer; NULL for the default one."),
        text("key_scope", "workspace or organization, in the newer form of the answer."),
        text("acts_as_type", "user or service_account: whom the key acts as."),
        text("acts_as_user_key", "Keyed pseudonym of that user's id. Use of the key is never pinned on him."),
        text("acts_as_service_account_id", "That service account."),
        instant("created_at", "When it was made."),
        instant("expires_at", "When it expires; NULL for never."),
        EXTRA,
    ),
)
WORKSPACES = Table(
    "workspaces",
    "snapshot day, account and workspace; the vendor leaves the default workspace out",
    ("report_load_key", "workspace_id"),
    (
        *SNAPSHOT,
        text("workspace_id", "Id of the workspace (wrkspc_…).", required=True),
        text("name", "Its name."),
        text("tags", "Its tags, a JSON object; what may name a person is withheld."),
        text("data_residency", "Where it may run, a JSON object."),
        instant("created_at", "When it was made."),
        instant("archived_at", "When it was archived; else NULL."),
        EXTRA,
    ),
)
USERS = Table(
    "users",
    "snapshot day, account and user",
    ("report_load_key", "user_key"),
    (
        *SNAPSHOT,
        text("user_key", "Keyed pseudonym of the user id (user_…).", required=True),
        *EMAILS,
        text("role", "Role in the organisation."),
        instant("added_at", "When the user joined."),
        EXTRA,
    ),
)
SERVICE_ACCOUNTS = Table(
    "service_accounts",
    "snapshot day, account and service account",
    ("report_load_key", "service_account_id"),
    (
        *SNAPSHOT,
        text("service_account_id", "Id of the service account (svac_…).", required=True),
        text("name_key", "Keyed pseudonym of its name, which may hold a person's."),
        text("name_hints", "Recognised words of the name, comma-separated."),
        text("organization_role", "Role in the organisation."),
        instant("created_at", "When it was made."),
        instant("archived_at", "When it was archived; else NULL."),
        EXTRA,
    ),
)
WORKSPACE_MEMBERS = Table(
    "workspace_members",
    "snapshot day, account, workspace and member; the default workspace has none",
    ("report_load_key", "workspace_id", "user_key"),
    (
        *SNAPSHOT,
        text("workspace_id", "Id of the workspace.", required=True),
        text("user_key", "Keyed pseudonym of the user id.", required=True),
        text("workspace_role", "Role in the workspace."),
        EXTRA,
    ),
)
SPEND_LIMITS = Table(
    "spend_limits",
    "snapshot day, account and spend limit in force for a member",
    ("report_load_key", "record_ordinal"),
    (
        *SNAPSHOT,
        *ACTOR,
        number("limit_cents", "Limit in cents; NULL is unlimited, 0 is included use only."),
        number("period_to_date_cents", "Spent in the period so far, in cents; may be 0 where the vendor cannot tell."),
        CURRENCY,
        text("period", "monthly, weekly or daily."),
        text("source_type", "Where the limit comes from: user, seat_tier, rbac_group, organization, …"),
        text("seat_tier", "Seat tier that gives the limit, where it does."),
        EXTRA,
    ),
)
SPEND_REPORT_ROWS = Table(
    "spend_report_rows",
    "line of a spend report exported by hand: user, product and model over the report's period",
    ("report_load_key", "record_ordinal"),
    (
        *LINEAGE,
        RECORD_ORDINAL,
        day("period_start", "First day of the report's period.", required=True),
        day("period_end", "Last day of the report's period.", required=True),
        text("file_name", "File that the line came from."),
        USER_KEY,
        text("email_key", "Keyed pseudonym of the user's e-mail; NULL for use of the organisation as such."),
        PRODUCT,
        MODEL,
        count("requests", "Requests."),
        count("prompt_tokens", "All input tokens, cached ones included."),
        *TOKENS,
        number("net_spend_usd", "Spend after discounts and credits, as the vendor estimates it."),
        number("gross_spend_usd", "Spend before discounts and credits, as the vendor estimates it."),
        EXTRA,
    ),
)

DATASET = Dataset(
    "anthropic",
    "raw_anthropic",
    "Claude usage, costs, activity and lists, as extracted; people are keyed pseudonyms, amounts are cents.",
    (
        REPORT_LOADS,
        ANALYTICS_USAGE,
        ANALYTICS_COSTS,
        MESSAGES_USAGE,
        COST_REPORT,
        USER_USAGE,
        USER_COSTS,
        CLAUDE_CODE_DAYS,
        CLAUDE_CODE_MODELS,
        USERS_ACTIVITY,
        SUMMARIES,
        API_KEYS,
        WORKSPACES,
        USERS,
        SERVICE_ACCOUNTS,
        WORKSPACE_MEMBERS,
        SPEND_LIMITS,
        SPEND_REPORT_ROWS,
    ),
)
