{#
    One row per snapshot day, account, workspace and member; the default workspace has none.
    Rows of current loads only.
#}
with

source as (
    select * from {{ source('anthropic', 'workspace_members') }}
),

current_reports as (
    select * from {{ ref('stg_anthropic__current_reports') }}
)

select
    report_load_key,
    account_id,
    scope,
    snapshot_date,
    record_ordinal,
    workspace_id,
    user_key,
    workspace_role,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
