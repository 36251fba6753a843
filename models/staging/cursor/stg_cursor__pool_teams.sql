{# One row per snapshot day and team of the organization: what it has used of the pool. Rows of current loads only. #}
with

source as (
    select * from {{ source('cursor', 'pool_teams') }}
),

current_reports as (
    select * from {{ ref('stg_cursor__current_reports') }}
)

select
    report_load_key,
    account_id,
    scope,
    snapshot_date,
    team_id,
    used_cents,
    budget_limit_cents,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
