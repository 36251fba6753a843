{# One row per snapshot day, account and team. Rows of current loads only. #}
with

source as (
    select * from {{ source('github_copilot', 'teams') }}
),

current_reports as (
    select * from {{ ref('stg_github_copilot__current_reports') }}
)

select
    report_load_key,
    account_id,
    scope,
    snapshot_date,
    team_id,
    slug,
    name,
    team_type,
    parent_team_id,
    group_id,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
