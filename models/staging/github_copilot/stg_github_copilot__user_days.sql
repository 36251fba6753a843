{#
    One row per user and day of one downloaded report (users-1-day or users-28-day). Rows of
    current loads only.
#}
with

source as (
    select * from {{ source('github_copilot', 'user_days') }}
),

current_reports as (
    select * from {{ ref('stg_github_copilot__current_reports') }}
)

select
    report_load_key,
    account_id,
    scope,
    day as usage_date,
    user_key,
    login_key,
    organization_id,
    enterprise_id,
    ai_credits_used as ai_credits,
    user_initiated_interaction_count as interactions,
    code_generation_activity_count as generations,
    code_acceptance_activity_count as acceptances,
    loc_suggested_to_add_sum as lines_suggested_to_add,
    loc_suggested_to_delete_sum as lines_suggested_to_delete,
    loc_added_sum as lines_added,
    loc_deleted_sum as lines_deleted,
    used_agent,
    used_chat,
    used_cli,
    used_copilot_coding_agent,
    used_copilot_cloud_agent,
    used_copilot_code_review_active,
    used_copilot_code_review_passive,
    used_copilot_app,
    used_vscode_agent,
    chat_panel_agent_mode as chat_agent_interactions,
    chat_panel_ask_mode as chat_ask_interactions,
    chat_panel_custom_mode as chat_custom_interactions,
    chat_panel_edit_mode as chat_edit_interactions,
    chat_panel_plan_mode as chat_plan_interactions,
    chat_panel_unknown_mode as chat_unknown_interactions,
    ai_adoption_phase,
    ai_adoption_phase_number,
    ai_adoption_phase_version,
    distinct_skill_use_count as distinct_skill_uses,
    distinct_custom_agent_use_count as distinct_custom_agent_uses,
    distinct_mcp_use_count as distinct_mcp_uses,
    distinct_slash_cmd_use_count as distinct_slash_cmd_uses,
    distinct_plugin_use_count as distinct_plugin_uses,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
