{# One row per snapshot day, billing group and member's time in it. Rows of current loads only. #}
with

source as (
    select * from {{ source('cursor', 'billing_group_members') }}
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
    group_id,
    group_name,
    user_key,
    email_key,
    is_former,
    {{ utc_timestamp('joined_at') }} as joined_at,
    {{ utc_timestamp('left_at') }} as left_at,
    spend_cents,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
