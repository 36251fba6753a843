{# One row per snapshot day, account, team and user. Rows of current loads only. #}
with

source as (
    select * from {{ source('github_copilot', 'team_members') }}
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
    user_key,
    login_key,
    role as team_role,
    inherited as is_inherited,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
