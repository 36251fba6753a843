{#
    One row per snapshot day and member. Members who left are sometimes listed, sometimes not. Rows of
    current loads only.
#}
with

source as (
    select * from {{ source('cursor', 'members') }}
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
    user_key,
    email_key,
    role,
    is_removed,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
