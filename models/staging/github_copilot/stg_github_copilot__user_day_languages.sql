{#
    One row per user, day, language and feature of one downloaded report. Rows of current loads
    only.
#}
with

source as (
    select * from {{ source('github_copilot', 'user_day_languages') }}
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
    language,
    feature,
    code_generation_activity_count as generations,
    code_acceptance_activity_count as acceptances,
    loc_suggested_to_add_sum as lines_suggested_to_add,
    loc_suggested_to_delete_sum as lines_suggested_to_delete,
    loc_added_sum as lines_added,
    loc_deleted_sum as lines_deleted,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
