{# One row per snapshot day and organisation. Rows of current loads only. #}
with

source as (
    select * from {{ source('github_copilot', 'seat_settings') }}
),

current_reports as (
    select * from {{ ref('stg_github_copilot__current_reports') }}
)

select
    report_load_key,
    account_id,
    scope,
    snapshot_date,
    seats_total,
    seats_added_this_cycle,
    seats_pending_invitation,
    seats_pending_cancellation,
    seats_active_this_cycle,
    seats_inactive_this_cycle,
    seat_management_setting,
    plan_type,
    ide_chat,
    platform_chat,
    cli,
    public_code_suggestions,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
