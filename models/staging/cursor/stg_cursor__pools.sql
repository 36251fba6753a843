{# One row per snapshot day: the organization's pool. Rows of current loads only. #}
with

source as (
    select * from {{ source('cursor', 'pools') }}
),

current_reports as (
    select * from {{ ref('stg_cursor__current_reports') }}
)

select
    report_load_key,
    account_id,
    scope,
    snapshot_date,
    limit_cents,
    used_cents,
    remaining_cents,
    {{ utc_timestamp('contract_start_at') }} as contract_start_at,
    {{ utc_timestamp('contract_end_at') }} as contract_end_at,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
