{#
    One row per snapshot day and entry of the audit log of the 30 days before. Snapshots overlap. Rows of
    current loads only.
#}
with

source as (
    select * from {{ source('cursor', 'audit_events') }}
),

current_reports as (
    select * from {{ ref('stg_cursor__current_reports') }}
)

select
    report_load_key,
    account_id,
    scope,
    snapshot_date,
    event_id,
    {{ utc_timestamp('event_at') }} as event_at,
    event_type,
    actor_email_key,
    subject_email_key,
    details,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
