"""The flat, typed raw tables of Cursor. Fields and their meaning: Cursor's Admin and Organization API documentation."""

from __future__ import annotations

from dlt_pipelines.manifest import REPORT_LOADS
from dlt_pipelines.schema import Column, Dataset, Table, count, day, flag, instant, number, text

LINEAGE = (
    text(
        "report_load_key",
        "The report that the row came from; only keys that report_loads names as current count.",
        required=True,
    ),
    text("account_id", "Account that was asked: 'team/<team>', the name being a setting.", required=True),
    text("scope", "'team'.", required=True),
)
RECORD_ORDINAL = count("record_ordinal", "Number of the record within its report; Cursor gives events no id.")
EXTRA = text("extra", "Fields of the vendor's record that this version does not know, as a JSON object; else NULL.")

DAY = (*LINEAGE, day("day", "UTC day of the use.", required=True), RECORD_ORDINAL)

USAGE_EVENTS = Table(
    "usage_events",
    "usage event of one UTC day of one answer; alike events in one millisecond are all kept",
    ("report_load_key", "record_ordinal"),
    (
        *DAY,
        instant("event_at", "When it happened, to the millisecond."),
        text("email_key", "Keyed pseudonym of userEmail; NULL for users who left, filled on service accounts' events."),
        text("service_account_id", "Service account that acted; NULL for people."),
        text("service_account_name_hints", "Recognised words of the service account's name, which is not loaded."),
        text("cloud_agent_id", "Id of the cloud agent's run (bc-…)."),
        text("automation_id", "Automation that started it."),
        text("conversation_id", "Agent session that it belongs to: Cursor's key to its AI code tracking."),
        text("model", "Model as Cursor writes it; 'default' is Auto."),
        text("kind", "Billing category as Cursor writes it (kind, in 2025 kindLabel): what tells cash from included."),
        flag("max_mode", "Max mode."),
        flag("is_token_based_call", "Whether tokens are counted for it."),
        flag("is_chargeable", "Cursor's 'incurs a charge'; included use can have it too, so it is not cash."),
        flag("is_headless", "No client was connected; NULL where Cursor does not say."),
        flag("is_free_bugbot", "Free Bugbot review, in payloads until 2026."),
        number("request_units", "requestsCosts: request units, not money."),
        count("input_tokens", "Plain input, without both cache classes; NULL is unknown, not 0."),
        count("output_tokens", "Output."),
        count("cache_write_tokens", "Written to the cache."),
        count("cache_read_tokens", "Read from the cache."),
        number("model_cents", "tokenUsage.totalCents: model cost before the discount, without Cursor's token fee."),
        number("discount_percent_off", "Percent that is taken off model_cents."),
        number("charged_cents", "chargedCents: after the discount, fee included. Never add the fee to it."),
        number("cursor_token_fee_cents", "Cursor's token fee, already in charged_cents."),
        EXTRA,
    ),
)

EXPORTED_EVENTS = Table(
    "exported_events",
    "row of the dashboard's CSV export and UTC day",
    ("report_load_key", "record_ordinal"),
    (
        *DAY,
        instant("event_at", "When it happened, to the millisecond."),
        text("email_key", "Keyed pseudonym of User; NULL for 'N/A' and in exports of one person."),
        text("cloud_agent_id", "Id of the cloud agent's run."),
        text("automation_id", "Automation that started it."),
        text("model", "Model as the export writes it; 'auto' is what the API calls 'default'."),
        text("kind", "Billing category: Included, On-Demand, Free, User API Key or 'Errored, No Charge'."),
        flag("max_mode", "Max mode."),
        count("cache_write_tokens", "Input (w/ Cache Write): only what was written to the cache."),
        count("input_tokens", "Input (w/o Cache Write): plain input."),
        count("cache_read_tokens", "Read from the cache."),
        count("output_tokens", "Output."),
        count("total_tokens", "Sum of the four, as exported."),
        number("cost_usd", "Cost in dollars, rounded to cents by Cursor; NULL where the export names no number."),
        text("cost_word", "What stands in Cost in place of a number: Included, Free, - or NaN."),
        number("cost_to_you_usd", "Cost to you, in the exports of 2025."),
        EXTRA,
    ),
)

DAILY_USAGE_COUNTS = {
    "totalLinesAdded": count("total_lines_added", "All lines added in the editor, not only by AI."),
    "totalLinesDeleted": count("total_lines_deleted", "All lines deleted in the editor, not only by AI."),
    "acceptedLinesAdded": count("accepted_lines_added", "Accepted AI lines added; counts agent mode too low."),
    "acceptedLinesDeleted": count("accepted_lines_deleted", "Accepted AI lines deleted."),
    "totalApplies": count("total_applies", "Apply actions."),
    "totalAccepts": count("total_accepts", "Accept actions."),
    "totalRejects": count("total_rejects", "Reject actions."),
    "totalTabsShown": count("total_tabs_shown", "Tab suggestions shown."),
    "totalTabsAccepted": count("total_tabs_accepted", "Tab suggestions accepted."),
    "composerRequests": count("composer_requests", "Composer requests."),
    "chatRequests": count("chat_requests", "Chat requests."),
    "agentRequests": count("agent_requests", "Agent requests."),
    "cmdkUsages": count("cmdk_usages", "Inline edits (Cmd K)."),
    "subscriptionIncludedReqs": count("subscription_included_requests", "Included events: raw counts, not units."),
    "apiKeyReqs": count("api_key_requests", "Events on the user's own API key: raw counts."),
    "usageBasedReqs": count("usage_based_requests", "Usage-based events: raw counts."),
    "bugbotUsages": count("bugbot_usages", "Bugbot uses."),
}
DAILY_USAGE_WORDS = {
    "mostUsedModel": text("most_used_model", "Model used most, as Cursor writes it."),
    "applyMostUsedExtension": text("apply_most_used_extension", "File type of most applies."),
    "tabMostUsedExtension": text("tab_most_used_extension", "File type of most Tab suggestions."),
    "clientVersion": text("client_version", "Version of the client."),
}

DAILY_USAGE = Table(
    "daily_usage",
    "UTC day and member of one answer, members who did nothing included; no money",
    ("report_load_key", "record_ordinal"),
    (
        *DAY,
        text("email_key", "Keyed pseudonym of the member's e-mail."),
        flag("is_active", "Whether Cursor counts the day as used."),
        *DAILY_USAGE_COUNTS.values(),
        *DAILY_USAGE_WORDS.values(),
        EXTRA,
    ),
)

SNAPSHOT = (*LINEAGE, day("snapshot_date", "UTC day on which the list was read.", required=True))
MEMBER_KEYS = (
    text("user_key", "Keyed pseudonym of the user id (user_…, in old answers a number); survives a new e-mail."),
    text("email_key", "Keyed pseudonym of the e-mail."),
)


def _cents(name: str, description: str) -> Column:
    return number(name, f"{description} Cents, with fractions since June 2026.")


MEMBERS = Table(
    "members",
    "snapshot day and member; members who left are sometimes listed, sometimes not",
    ("report_load_key", "record_ordinal"),
    (
        *SNAPSHOT,
        RECORD_ORDINAL,
        *MEMBER_KEYS,
        text("role", "member, owner, free-owner, admin or removed."),
        flag("is_removed", "Left the team; NULL where Cursor does not say."),
        EXTRA,
    ),
)

SPEND = Table(
    "spend",
    "snapshot day and member: what the running billing cycle has come to; no earlier one is kept",
    ("report_load_key", "record_ordinal"),
    (
        *SNAPSHOT,
        RECORD_ORDINAL,
        instant("cycle_start_at", "Start of the billing cycle; it has a time of day."),
        *MEMBER_KEYS,
        text("role", "Role in the team."),
        _cents("spend_cents", "On-demand only."),
        _cents("overall_spend_cents", "On-demand and included."),
        _cents("included_spend_cents", "Included, where Cursor says it (undocumented)."),
        count("fast_premium_requests", "Usage-based premium requests of the cycle."),
        number("hard_limit_override_dollars", "Limit set for this member in dollars; 0 is none."),
        number("monthly_limit_dollars", "Monthly limit in dollars."),
        number("effective_per_user_limit_dollars", "Limit in force in dollars."),
        EXTRA,
    ),
)

CYCLE = (
    instant("cycle_start_at", "Start of the billing cycle."),
    instant("cycle_end_at", "End of the billing cycle."),
)
BILLING_GROUPS = Table(
    "billing_groups",
    "snapshot day and billing group, the unassigned one included",
    ("report_load_key", "record_ordinal"),
    (
        *SNAPSHOT,
        RECORD_ORDINAL,
        *CYCLE,
        text("group_id", "Id of the group."),
        text("group_name", "Name of the group; NULL for the unassigned one."),
        text("group_type", "BILLING."),
        text("directory_group_id", "Group of the identity provider that fills it, else NULL."),
        count("member_count", "Members."),
        instant("created_at", "When it was made."),
        instant("updated_at", "When it changed."),
        _cents("spend_cents", "Spend of the group in the cycle."),
        EXTRA,
    ),
)
BILLING_GROUP_MEMBERS = Table(
    "billing_group_members",
    "snapshot day, billing group and member's time in it",
    ("report_load_key", "record_ordinal", "email_key", "joined_at"),
    (
        *SNAPSHOT,
        RECORD_ORDINAL,
        text("group_id", "Id of the group."),
        text("group_name", "Name of the group; NULL for the unassigned one."),
        *MEMBER_KEYS,
        flag("is_former", "Listed among the former members."),
        instant("joined_at", "Since when."),
        instant("left_at", "Until when; NULL is open."),
        _cents("spend_cents", "Spend of the member in this group and cycle."),
        EXTRA,
    ),
)

AUDIT_EVENTS = Table(
    "audit_events",
    "snapshot day and entry of the audit log of 30 days: the only trace of earlier joins and leaves",
    ("report_load_key", "event_id"),
    (
        *SNAPSHOT,
        text("event_id", "Id of the entry."),
        instant("event_at", "When it happened."),
        text("event_type", "add_user, remove_user, update_user_role, user_spend_limit, team_settings, …"),
        text("actor_email_key", "Keyed pseudonym of the e-mail of whoever did it."),
        text("subject_email_key", "Keyed pseudonym of the e-mail of whom it is about."),
        text("details", "Roles, limits and settings of the entry as a JSON object; nothing that names a person."),
        EXTRA,
    ),
)

POOLS = Table(
    "pools",
    "snapshot day: the organization's pool",
    ("report_load_key",),
    (
        *SNAPSHOT,
        _cents("limit_cents", "Committed."),
        _cents("used_cents", "Used by all teams."),
        _cents("remaining_cents", "Left."),
        instant("contract_start_at", "Start of the contract."),
        instant("contract_end_at", "End of the contract."),
        EXTRA,
    ),
)
POOL_TEAMS = Table(
    "pool_teams",
    "snapshot day and team of the organization",
    ("report_load_key", "team_id"),
    (
        *SNAPSHOT,
        text("team_id", "Id of the team."),
        _cents("used_cents", "Used of the pool: the sum of the team's charged cents."),
        _cents("budget_limit_cents", "The team's own budget, else NULL."),
        EXTRA,
    ),
)

DATASET = Dataset(
    "cursor",
    "raw_cursor",
    "Cursor usage events, activity and lists, as extracted; people are keyed pseudonyms.",
    (
        REPORT_LOADS,
        USAGE_EVENTS,
        EXPORTED_EVENTS,
        DAILY_USAGE,
        MEMBERS,
        SPEND,
        BILLING_GROUPS,
        BILLING_GROUP_MEMBERS,
        AUDIT_EVENTS,
        POOLS,
        POOL_TEAMS,
    ),
)
