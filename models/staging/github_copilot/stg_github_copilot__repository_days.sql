{# One row per repository and day of one downloaded report. Rows of current loads only. #}
with

source as (
    select * from {{ source('github_copilot', 'repository_days') }}
),

current_reports as (
    select * from {{ ref('stg_github_copilot__current_reports') }}
)

select
    report_load_key,
    account_id,
    scope,
    day as usage_date,
    repo_id,
    organization_id,
    enterprise_id,
    repo_owner_name,
    repo_name,
    repo_visibility,
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
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
