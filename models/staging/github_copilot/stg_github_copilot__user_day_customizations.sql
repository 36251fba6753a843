{#
    One row per user, day, kind of customisation and item of one downloaded report. Rows of
    current loads only.
#}
with

source as (
    select * from {{ source('github_copilot', 'user_day_customizations') }}
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
    kind,
    item,
    interaction_count as uses,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
