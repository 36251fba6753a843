{#
    One row per UTC day of an Enterprise organisation: seats and active users. Rows of current
    loads only.
#}
with

source as (
    select * from {{ source('anthropic', 'summaries') }}
),

current_reports as (
    select * from {{ ref('stg_anthropic__current_reports') }}
)

select
    report_load_key,
    account_id,
    scope,
    day as usage_date,
    record_ordinal,
    assigned_seat_count,
    pending_invite_count,
    daily_active_user_count,
    weekly_active_user_count,
    monthly_active_user_count,
    daily_adoption_rate,
    weekly_adoption_rate,
    monthly_adoption_rate,
    chat_daily_active_user_count,
    chat_weekly_active_user_count,
    chat_monthly_active_user_count,
    claude_code_daily_active_user_count,
    claude_code_weekly_active_user_count,
    claude_code_monthly_active_user_count,
    claude_design_daily_active_user_count,
    claude_design_weekly_active_user_count,
    claude_design_monthly_active_user_count,
    cowork_daily_active_user_count,
    cowork_weekly_active_user_count,
    cowork_monthly_active_user_count,
    office_agent_daily_active_user_count,
    office_agent_weekly_active_user_count,
    office_agent_monthly_active_user_count,
    science_daily_active_user_count,
    science_weekly_active_user_count,
    science_monthly_active_user_count,
    science_entitled_user_count,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
