"""The flat, typed raw tables of GitHub Copilot. Fields and their meaning: GitHub's Copilot usage metrics reference."""

from __future__ import annotations

from dlt_pipelines.manifest import REPORT_LOADS
from dlt_pipelines.schema import Dataset, Table, count, day, flag, instant, number, text

LINEAGE = (
    text(
        "report_load_key",
        "The downloaded report that the row came from; only keys that report_loads names as current count.",
        required=True,
    ),
    text("account_id", "Account that was asked: 'enterprise/<slug>' or 'organization/<login>'.", required=True),
    text("scope", "'enterprise' or 'organization'.", required=True),
)

USER_DAY = (
    *LINEAGE,
    day("day", "UTC day of the activity.", required=True),
    text("user_key", "Keyed pseudonym of the numeric GitHub user id, which survives a renamed login.", required=True),
)

EXTRA = text("extra", "Fields of the vendor's record that this version does not know, as a JSON object; else NULL.")

ACTIVITY = (
    count("code_generation_activity_count", "Output events; one prompt can give several."),
    count("code_acceptance_activity_count", "Accept actions: apply, insert, copy."),
    count("loc_suggested_to_add_sum", "Lines suggested to add, without agent edits."),
    count("loc_suggested_to_delete_sum", "Lines suggested to delete, without agent edits."),
    count("loc_added_sum", "Lines really added, agent edits included."),
    count("loc_deleted_sum", "Lines really deleted, agent edits included."),
)
INTERACTIONS = count("user_initiated_interaction_count", "Prompts sent explicitly.")
COUNTERS = (INTERACTIONS, *ACTIVITY)

PULL_REQUEST_COUNTS = (
    "total_created",
    "total_reviewed",
    "total_merged",
    "total_suggestions",
    "total_applied_suggestions",
    "total_created_by_copilot",
    "total_reviewed_by_copilot",
    "total_merged_created_by_copilot",
    "total_merged_reviewed_by_copilot",
    "total_copilot_suggestions",
    "total_copilot_applied_suggestions",
)
PULL_REQUEST_MEDIANS = (
    "median_minutes_to_merge",
    "median_minutes_to_merge_copilot_authored",
    "median_minutes_to_merge_copilot_reviewed",
)
PULL_REQUESTS = (
    *(count(f"pull_requests_{name}", f"pull_requests.{name} of that day.") for name in PULL_REQUEST_COUNTS),
    *(
        number(f"pull_requests_{name}", f"pull_requests.{name}; NULL on a day without a merge.")
        for name in PULL_REQUEST_MEDIANS
    ),
)

USED_FLAGS = {
    "used_agent": "Used agent mode in an IDE",
    "used_chat": "Used chat in an IDE",
    "used_cli": "Used Copilot CLI",
    "used_copilot_coding_agent": "Used the cloud agent, under the name it had until 2026",
    "used_copilot_cloud_agent": "Used the cloud agent, under its new name; same signal as the old one, never added",
    "used_copilot_code_review_active": "Asked for or applied a Copilot review",
    "used_copilot_code_review_passive": "Was assigned a Copilot review automatically",
    "used_copilot_app": "Used the GitHub Copilot app",
    "used_vscode_agent": "Used the VS Code Agents window",
}
CHAT_PANEL_MODES = ("agent", "ask", "custom", "edit", "plan", "unknown")
CUSTOMIZATIONS = ("skill", "custom_agent", "mcp", "slash_cmd", "plugin")

ACTIVE_USER_COUNTS = (
    "daily_active_users",
    "weekly_active_users",
    "monthly_active_users",
    "monthly_active_chat_users",
    "monthly_active_agent_users",
    "daily_active_cli_users",
    *(f"{p}_active_copilot_cloud_agent_users" for p in ("daily", "weekly", "monthly")),
    *(f"{p}_active_copilot_code_review_users" for p in ("daily", "weekly", "monthly")),
    *(f"{p}_passive_copilot_code_review_users" for p in ("daily", "weekly", "monthly")),
    *(f"{p}_active_copilot_app_users" for p in ("daily", "weekly", "monthly")),
    *(f"{p}_active_vscode_agent_users" for p in ("daily", "weekly", "monthly")),
)

CLI_COUNTS = (
    count("session_count", "Sessions."),
    count("request_count", "Model requests."),
    count("prompt_count", "Prompts; for the VS Code Agents window its total_user_messages."),
    count("prompt_tokens_sum", "Prompt tokens as the vendor sums them."),
    count("output_tokens_sum", "Output tokens."),
    number("avg_tokens_per_request", "Average tokens per request, as reported; never averaged again."),
    text("version", "Last known version of the CLI."),
    instant("version_sampled_at", "When that version was seen."),
)

USER_DAYS = Table(
    "user_days",
    "user and day of one downloaded report (users-1-day or users-28-day)",
    ("report_load_key", "day", "user_key"),
    (
        *USER_DAY,
        text("login_key", "Keyed pseudonym of the login that the user had in this report."),
        text("organization_id", "Numeric organisation id, in organisation reports."),
        text("enterprise_id", "Numeric enterprise id."),
        number("ai_credits_used", "AI credits consumed that day: a consumption signal, not a bill. NULL is unknown."),
        *COUNTERS,
        *(flag(name, f"{meaning}; NULL where GitHub does not say.") for name, meaning in USED_FLAGS.items()),
        *(count(f"chat_panel_{mode}_mode", f"Interactions in chat {mode} mode.") for mode in CHAT_PANEL_MODES),
        text("ai_adoption_phase", "Adoption cohort over the trailing 28 days."),
        count("ai_adoption_phase_number", "Its number, 0 to 3."),
        text("ai_adoption_phase_version", "Version of the cohort rule."),
        *(
            count(f"distinct_{kind}_use_count", f"Distinct {kind} items used, those outside the top 5 included.")
            for kind in CUSTOMIZATIONS
        ),
        EXTRA,
    ),
)

USER_DAY_FEATURES = Table(
    "user_day_features",
    "user, day and feature of one downloaded report",
    ("report_load_key", "day", "user_key", "feature"),
    (*USER_DAY, text("feature", "Copilot feature, such as code_completion or agent_edit."), *COUNTERS, EXTRA),
)
USER_DAY_MODELS = Table(
    "user_day_models",
    "user, day, model and feature of one downloaded report",
    ("report_load_key", "day", "user_key", "model", "feature"),
    (
        *USER_DAY,
        text("model", "Model as GitHub writes it, not normalised."),
        text("feature", "Copilot feature."),
        *COUNTERS,
        EXTRA,
    ),
)
USER_DAY_LANGUAGES = Table(
    "user_day_languages",
    "user, day, language and feature of one downloaded report",
    ("report_load_key", "day", "user_key", "language", "feature"),
    (
        *USER_DAY,
        text("language", "Language as GitHub writes it, not normalised."),
        text("feature", "Copilot feature."),
        *ACTIVITY,
        EXTRA,
    ),
)
USER_DAY_LANGUAGE_MODELS = Table(
    "user_day_language_models",
    "user, day, language and model of one downloaded report",
    ("report_load_key", "day", "user_key", "language", "model"),
    (
        *USER_DAY,
        text("language", "Language as GitHub writes it."),
        text("model", "Model as GitHub writes it."),
        *ACTIVITY,
        EXTRA,
    ),
)
USER_DAY_IDES = Table(
    "user_day_ides",
    "user, day and IDE of one downloaded report",
    ("report_load_key", "day", "user_key", "ide"),
    (
        *USER_DAY,
        text("ide", "IDE."),
        *COUNTERS,
        text("ide_version", "Last known version of the IDE."),
        instant("ide_version_sampled_at", "When that version was seen."),
        text("plugin", "Copilot plug-in."),
        text("plugin_version", "Last known version of the plug-in."),
        instant("plugin_version_sampled_at", "When that version was seen."),
        EXTRA,
    ),
)
USER_DAY_CLI = Table(
    "user_day_cli",
    "user, day and surface outside the IDE of one downloaded report",
    ("report_load_key", "day", "user_key", "surface"),
    (
        *USER_DAY,
        text("surface", "copilot_cli, copilot_app or vscode_agent.", required=True),
        *CLI_COUNTS,
        EXTRA,
    ),
)
USER_DAY_THIRD_PARTY_AGENTS = Table(
    "user_day_third_party_agents",
    "user, day and third-party agent of one downloaded report",
    ("report_load_key", "day", "user_key", "agent_id"),
    (
        *USER_DAY,
        text("agent_id", "Stable id of the agent."),
        text("agent_name", "Name of the agent."),
        count("user_initiated_interaction_count", "Jobs started; not addable to the day's interactions."),
        EXTRA,
    ),
)
USER_DAY_CUSTOMIZATIONS = Table(
    "user_day_customizations",
    "user, day, kind of customisation and item of one downloaded report",
    ("report_load_key", "day", "user_key", "kind", "item"),
    (
        *USER_DAY,
        text("kind", "skill, custom_agent, mcp, slash_cmd or plugin.", required=True),
        text("item", "Name; GitHub hides customers' own names as 'other' or 'custom'."),
        count("interaction_count", "Uses; top 5 items only. For mcp, connection attempts."),
        EXTRA,
    ),
)

ACCOUNT_DAY = (*LINEAGE, day("day", "UTC day of the activity.", required=True))

ORGANIZATION_DAYS = Table(
    "organization_days",
    "organisation or enterprise and day of one downloaded report",
    ("report_load_key", "day"),
    (
        *ACCOUNT_DAY,
        text("organization_id", "Numeric organisation id."),
        text("enterprise_id", "Numeric enterprise id."),
        *(count(name, f"{name}, as reported; never summed over days.") for name in ACTIVE_USER_COUNTS),
        *COUNTERS,
        *(count(f"chat_panel_{mode}_mode", f"Interactions in chat {mode} mode.") for mode in CHAT_PANEL_MODES),
        *(
            count(f"distinct_{kind}_use_count", f"Distinct {kind} items; not a sum over users.")
            for kind in CUSTOMIZATIONS
        ),
        *PULL_REQUESTS,
        text("totals_by_ai_adoption_phase", "Cohort totals as JSON text: consumers disagree on the field names."),
        EXTRA,
    ),
)
ORGANIZATION_DAY_BREAKDOWNS = Table(
    "organization_day_breakdowns",
    "organisation or enterprise, day, breakdown and its dimension values of one downloaded report",
    ("report_load_key", "day", "breakdown", "ide", "feature", "language", "model", "item"),
    (
        *ACCOUNT_DAY,
        text(
            "breakdown",
            "ide, feature, language_feature, language_model, model_feature, 3rd_party_agent, cli, copilot_app,"
            " vscode_agent, skill, custom_agent, mcp, slash_cmd, plugin or copilot_suggestions_by_comment_type.",
            required=True,
        ),
        text("ide", "IDE, where the breakdown has it."),
        text("feature", "Feature, where the breakdown has it."),
        text("language", "Language, where the breakdown has it."),
        text("model", "Model, where the breakdown has it."),
        text("item", "Agent id, customisation or comment type, where the breakdown has it."),
        text("item_name", "Name of the third-party agent."),
        *COUNTERS,
        count("interaction_count", "Uses of a customisation."),
        *CLI_COUNTS,
        count("total_copilot_suggestions", "Copilot review suggestions of that comment type."),
        count("total_copilot_applied_suggestions", "Applied ones of that comment type."),
        EXTRA,
    ),
)

REPOSITORY_DAYS = Table(
    "repository_days",
    "repository and day of one downloaded report",
    ("report_load_key", "day", "repo_id"),
    (
        *ACCOUNT_DAY,
        count("repo_id", "Numeric repository id."),
        text("organization_id", "Numeric organisation id."),
        text("enterprise_id", "Numeric enterprise id."),
        text("repo_owner_name", "Owner of the repository."),
        text("repo_name", "Name of the repository."),
        text("repo_visibility", "PRIVATE, INTERNAL or PUBLIC."),
        *PULL_REQUESTS,
        EXTRA,
    ),
)
REPOSITORY_DAY_REVIEW_TIMES = Table(
    "repository_day_review_times",
    "repository, day, author kind and reviewer kind of one downloaded report",
    ("report_load_key", "day", "repo_id", "authored_by", "reviewed_by"),
    (
        *ACCOUNT_DAY,
        count("repo_id", "Numeric repository id."),
        text("authored_by", "Who wrote the pull requests: human today."),
        text("reviewed_by", "Who reviewed them: human today."),
        count("total_merged", "Pull requests merged that day."),
        *(
            number(f"{stat}_{stage}", f"{stat} of {stage}.")
            for stage in (
                "minutes_ready_to_first_review",
                "minutes_first_to_final_review",
                "minutes_final_review_to_merge",
            )
            for stat in ("median", "p90")
        ),
        EXTRA,
    ),
)
REPOSITORY_DAY_SUGGESTIONS = Table(
    "repository_day_suggestions",
    "repository, day and comment type of one downloaded report",
    ("report_load_key", "day", "repo_id", "comment_type"),
    (
        *ACCOUNT_DAY,
        count("repo_id", "Numeric repository id."),
        text("comment_type", "Kind of review comment."),
        count("total_copilot_suggestions", "Suggestions made by Copilot review."),
        count("total_copilot_applied_suggestions", "Suggestions applied."),
        EXTRA,
    ),
)
USER_TEAM_DAYS = Table(
    "user_team_days",
    "user, team and day of one downloaded report; teams under 5 seated users are left out by GitHub",
    ("report_load_key", "day", "user_key", "team_id"),
    (
        *USER_DAY,
        text("login_key", "Keyed pseudonym of the login."),
        text("organization_id", "Numeric organisation id."),
        text("enterprise_id", "Numeric enterprise id."),
        count("team_id", "Numeric team id."),
        text("slug", "Slug of the team."),
        EXTRA,
    ),
)

SNAPSHOT = (*LINEAGE, day("snapshot_date", "UTC day on which the list was read.", required=True))

SEATS = Table(
    "seats",
    "snapshot day, account and seat object; a user repeats when several organisations or teams grant the seat",
    ("report_load_key", "seat_ordinal"),
    (
        *SNAPSHOT,
        count("seat_ordinal", "Position in the list, from 1."),
        text("user_key", "Keyed pseudonym of the seat holder's GitHub user id; NULL when GitHub gives no assignee."),
        text("login_key", "Keyed pseudonym of the seat holder's login."),
        text("assignee_type", "User, Bot, Team or Organization, as GitHub says."),
        text("organization", "Login of the organisation that grants the seat."),
        count("assigning_team_id", "Team that grants the seat, else NULL."),
        text("assigning_team_slug", "Its slug."),
        text("plan_type", "business, enterprise or unknown."),
        instant("created_at", "When the seat was given."),
        instant("updated_at", "When it changed; GitHub is closing this field down."),
        instant("last_activity_at", "Last activity; kept 90 days, up to 24 hours late, needs telemetry."),
        text("last_activity_editor", "Editor of the last activity."),
        instant("last_authenticated_at", "Last sign-in."),
        day("pending_cancellation_date", "Day the seat ends, when it is to be cancelled."),
        EXTRA,
    ),
)
SEAT_SETTINGS = Table(
    "seat_settings",
    "snapshot day and organisation",
    ("report_load_key",),
    (
        *SNAPSHOT,
        *(
            count(f"seats_{name}", f"seat_breakdown.{name}.")
            for name in (
                "total",
                "added_this_cycle",
                "pending_invitation",
                "pending_cancellation",
                "active_this_cycle",
                "inactive_this_cycle",
            )
        ),
        text("seat_management_setting", "assign_all, assign_selected, disabled or unconfigured."),
        text("plan_type", "business or enterprise."),
        text("ide_chat", "Policy for chat in IDEs."),
        text("platform_chat", "Policy for chat on github.com."),
        text("cli", "Policy for Copilot CLI."),
        text("public_code_suggestions", "Policy for suggestions that match public code."),
        EXTRA,
    ),
)
TEAMS = Table(
    "teams",
    "snapshot day, account and team",
    ("report_load_key", "team_id"),
    (
        *SNAPSHOT,
        count("team_id", "Numeric team id."),
        text("slug", "Slug of the team."),
        text("name", "Name of the team."),
        text("team_type", "organization or enterprise."),
        count("parent_team_id", "Parent team, else NULL."),
        text("group_id", "Group of the identity provider that fills an enterprise team."),
        EXTRA,
    ),
)
TEAM_MEMBERS = Table(
    "team_members",
    "snapshot day, account, team and user",
    ("report_load_key", "team_id", "user_key"),
    (
        *SNAPSHOT,
        count("team_id", "Numeric team id."),
        text("slug", "Slug of the team."),
        text("user_key", "Keyed pseudonym of the GitHub user id.", required=True),
        text("login_key", "Keyed pseudonym of the login."),
        text("role", "member or maintainer, where GitHub says."),
        flag("inherited", "Only through a child team; NULL where GitHub does not say."),
        EXTRA,
    ),
)
MEMBERS = Table(
    "members",
    "snapshot day, organisation and member",
    ("report_load_key", "user_key"),
    (
        *SNAPSHOT,
        text("user_key", "Keyed pseudonym of the GitHub user id.", required=True),
        text("login_key", "Keyed pseudonym of the login."),
        text("email_key", "Keyed pseudonym of the public e-mail; usually NULL."),
        text("account_type", "User or Bot."),
        EXTRA,
    ),
)
IDENTITIES = Table(
    "identities",
    "snapshot day, account and external identity (SAML, SCIM)",
    ("report_load_key", "identity_ordinal"),
    (
        *SNAPSHOT,
        count("identity_ordinal", "Position in the list, from 1."),
        text("user_key", "Keyed pseudonym of the linked GitHub user id; NULL until the identity is claimed."),
        text("login_key", "Keyed pseudonym of the linked login."),
        text("saml_name_id_key", "Keyed pseudonym of the SAML NameID, lower-cased, as an e-mail."),
        text("saml_email_key", "Keyed pseudonym of the primary (else first) SAML e-mail."),
        text("scim_username_key", "Keyed pseudonym of the SCIM user name, as an e-mail."),
        text("scim_email_key", "Keyed pseudonym of the first SCIM e-mail."),
        EXTRA,
    ),
)

DATASET = Dataset(
    "github_copilot",
    "raw_github_copilot",
    "GitHub Copilot reports and lists, as extracted; people are keyed pseudonyms.",
    (
        REPORT_LOADS,
        USER_DAYS,
        USER_DAY_FEATURES,
        USER_DAY_MODELS,
        USER_DAY_LANGUAGES,
        USER_DAY_LANGUAGE_MODELS,
        USER_DAY_IDES,
        USER_DAY_CLI,
        USER_DAY_THIRD_PARTY_AGENTS,
        USER_DAY_CUSTOMIZATIONS,
        ORGANIZATION_DAYS,
        ORGANIZATION_DAY_BREAKDOWNS,
        REPOSITORY_DAYS,
        REPOSITORY_DAY_REVIEW_TIMES,
        REPOSITORY_DAY_SUGGESTIONS,
        USER_TEAM_DAYS,
        SEATS,
        SEAT_SETTINGS,
        TEAMS,
        TEAM_MEMBERS,
        MEMBERS,
        IDENTITIES,
    ),
)
