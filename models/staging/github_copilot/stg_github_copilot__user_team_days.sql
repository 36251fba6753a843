{#
    One row per user, team and day of one downloaded report; teams under 5 seated users are left
    out by GitHub. Rows of current loads only.
#}
with

source as (
    select * from {{ source('github_copilot', 'user_team_days') }}
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
    team_id,
    slug,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
