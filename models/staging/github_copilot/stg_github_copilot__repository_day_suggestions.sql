{#
    One row per repository, day and comment type of one downloaded report. Rows of current loads
    only.
#}
with

source as (
    select * from {{ source('github_copilot', 'repository_day_suggestions') }}
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
    comment_type,
    total_copilot_suggestions,
    total_copilot_applied_suggestions,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
