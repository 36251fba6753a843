{#
    One row per organisation or enterprise, day, breakdown and its dimension values of one
    downloaded report. Rows of current loads only.
#}
with

source as (
    select * from {{ source('github_copilot', 'organization_day_breakdowns') }}
),

current_reports as (
    select * from {{ ref('stg_github_copilot__current_reports') }}
)

select
    report_load_key,
    account_id,
    scope,
    day as usage_date,
    breakdown,
    ide,
    feature,
    language,
    model,
    item,
    item_name,
    user_initiated_interaction_count as interactions,
    code_generation_activity_count as generations,
    code_acceptance_activity_count as acceptances,
    loc_suggested_to_add_sum as lines_suggested_to_add,
    loc_suggested_to_delete_sum as lines_suggested_to_delete,
    loc_added_sum as lines_added,
    loc_deleted_sum as lines_deleted,
    interaction_count as uses,
    session_count as sessions,
    request_count as requests,
    prompt_count as prompts,
    prompt_tokens_sum as prompt_tokens,
    output_tokens_sum as output_tokens,
    avg_tokens_per_request,
    version,
    {{ utc_timestamp('version_sampled_at') }} as version_sampled_at,
    total_copilot_suggestions,
    total_copilot_applied_suggestions,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
