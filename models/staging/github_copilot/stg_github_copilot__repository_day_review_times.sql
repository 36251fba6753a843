{#
    One row per repository, day, author kind and reviewer kind of one downloaded report. Rows of
    current loads only.
#}
with

source as (
    select * from {{ source('github_copilot', 'repository_day_review_times') }}
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
    authored_by,
    reviewed_by,
    total_merged,
    median_minutes_ready_to_first_review,
    p90_minutes_ready_to_first_review,
    median_minutes_first_to_final_review,
    p90_minutes_first_to_final_review,
    median_minutes_final_review_to_merge,
    p90_minutes_final_review_to_merge,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
