{#
    One row per organisation or enterprise and day of one downloaded report. Rows of current loads
    only.
#}
with

source as (
    select * from {{ source('github_copilot', 'organization_days') }}
),

current_reports as (
    select * from {{ ref('stg_github_copilot__current_reports') }}
)

select
    report_load_key,
    account_id,
    scope,
    day as usage_date,
    organization_id,
    enterprise_id,
    daily_active_users,
    weekly_active_users,
    monthly_active_users,
    monthly_active_chat_users,
    monthly_active_agent_users,
    daily_active_cli_users,
    daily_active_copilot_cloud_agent_users,
    weekly_active_copilot_cloud_agent_users,
    monthly_active_copilot_cloud_agent_users,
    daily_active_copilot_code_review_users,
    weekly_active_copilot_code_review_users,
    monthly_active_copilot_code_review_users,
    daily_passive_copilot_code_review_users,
    weekly_passive_copilot_code_review_users,
    monthly_passive_copilot_code_review_users,
    daily_active_copilot_app_users,
    weekly_active_copilot_app_users,
    monthly_active_copilot_app_users,
    daily_active_vscode_agent_users,
    weekly_active_vscode_agent_users,
    monthly_active_vscode_agent_users,
    user_initiated_interaction_count as interactions,
    code_generation_activity_count as generations,
    code_acceptance_activity_count as acceptances,
    loc_suggested_to_add_sum as lines_suggested_to_add,
    loc_suggested_to_delete_sum as lines_suggested_to_delete,
    loc_added_sum as lines_added,
    loc_deleted_sum as lines_deleted,
    chat_panel_agent_mode as chat_agent_interactions,
    chat_panel_ask_mode as chat_ask_interactions,
    chat_panel_custom_mode as chat_custom_interactions,
    chat_panel_edit_mode as chat_edit_interactions,
    chat_panel_plan_mode as chat_plan_interactions,
    chat_panel_unknown_mode as chat_unknown_interactions,
    distinct_skill_use_count as distinct_skill_uses,
    distinct_custom_agent_use_count as distinct_custom_agent_uses,
    distinct_mcp_use_count as distinct_mcp_uses,
    distinct_slash_cmd_use_count as distinct_slash_cmd_uses,
    distinct_plugin_use_count as distinct_plugin_uses,
    pull_requests_total_created,
    pull_requests_total_reviewed,
    pull_requests_total_merged,
    pull_requests_total_suggestions,
    pull_requests_total_applied_suggestions,
    pull_requests_total_created_by_copilot,
    pull_requests_total_reviewed_by_copilot,
    pull_requests_total_merged_created_by_copilot,
    pull_requests_total_merged_reviewed_by_copilot,
    pull_requests_total_copilot_suggestions,
    pull_requests_total_copilot_applied_suggestions,
    pull_requests_median_minutes_to_merge,
    pull_requests_median_minutes_to_merge_copilot_authored,
    pull_requests_median_minutes_to_merge_copilot_reviewed,
    totals_by_ai_adoption_phase,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
