{#
    One row per seat user of one UTC day of the Enterprise engagement report; a row is no
    activity. Rows of current loads only.
#}
with

source as (
    select * from {{ source('anthropic', 'users_activity') }}
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
    user_key,
    coalesce(email_key, older_email_key) as email_key,
    sessions,
    lines_added,
    lines_removed,
    commits,
    pull_requests,
    accepted_actions,
    rejected_actions,
    tool_actions,
    chat_messages,
    chat_conversations,
    cowork_messages,
    cowork_sessions,
    design_messages,
    design_sessions,
    office_messages,
    office_sessions,
    science_messages,
    science_sessions,
    web_searches,
    has_any_count,
    chat_metrics,
    cowork_metrics,
    design_metrics,
    office_metrics,
    science_metrics,
    last_activity_date,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
