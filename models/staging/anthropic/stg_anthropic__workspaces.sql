{#
    One row per snapshot day, account and workspace; the vendor leaves the default workspace
    out. Rows of current loads only.
#}
with

source as (
    select * from {{ source('anthropic', 'workspaces') }}
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
    name,
    tags,
    data_residency,
    {{ utc_timestamp('created_at') }} as created_at,
    {{ utc_timestamp('archived_at') }} as archived_at,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
