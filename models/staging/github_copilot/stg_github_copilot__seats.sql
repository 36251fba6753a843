{#
    One row per snapshot day, account and seat object; a user repeats when several organisations
    or teams grant the seat. Rows of current loads only.
#}
with

source as (
    select * from {{ source('github_copilot', 'seats') }}
),

current_reports as (
    select * from {{ ref('stg_github_copilot__current_reports') }}
)

select
    report_load_key,
    account_id,
    scope,
    snapshot_date,
    seat_ordinal,
    user_key,
    login_key,
    assignee_type,
    organization,
    assigning_team_id,
    assigning_team_slug,
    plan_type,
    {{ utc_timestamp('created_at') }} as created_at,
    {{ utc_timestamp('updated_at') }} as updated_at,
    {{ utc_timestamp('last_activity_at') }} as last_activity_at,
    last_activity_editor,
    {{ utc_timestamp('last_authenticated_at') }} as last_authenticated_at,
    pending_cancellation_date,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
