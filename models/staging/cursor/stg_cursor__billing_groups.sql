{# One row per snapshot day and billing group; the unassigned one has no name. Rows of current loads only. #}
with

source as (
    select * from {{ source('cursor', 'billing_groups') }}
),

current_reports as (
    select * from {{ ref('stg_cursor__current_reports') }}
)

select
    report_load_key,
    account_id,
    scope,
    snapshot_date,
    record_ordinal,
    {{ utc_timestamp('cycle_start_at') }} as cycle_start_at,
    {{ utc_timestamp('cycle_end_at') }} as cycle_end_at,
    group_id,
    group_name,
    group_type,
    directory_group_id,
    member_count,
    {{ utc_timestamp('created_at') }} as created_at,
    {{ utc_timestamp('updated_at') }} as updated_at,
    spend_cents,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
