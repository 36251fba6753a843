{# One row per UTC day and member, members who did nothing included. No money. Rows of current loads only. #}
with

source as (
    select * from {{ source('cursor', 'daily_usage') }}
),

current_reports as (
    select * from {{ ref('stg_cursor__current_reports') }}
)

select
    report_load_key,
    account_id,
    scope,
    day as usage_date,
    record_ordinal,
    email_key,
    is_active,
    total_lines_added,
    total_lines_deleted,
    accepted_lines_added,
    accepted_lines_deleted,
    total_applies as applies,
    total_accepts as accepts,
    total_rejects as rejects,
    total_tabs_shown as tabs_shown,
    total_tabs_accepted as tabs_accepted,
    composer_requests,
    chat_requests,
    agent_requests,
    cmdk_usages as cmdk_requests,
    subscription_included_requests,
    api_key_requests,
    usage_based_requests,
    bugbot_usages,
    most_used_model,
    apply_most_used_extension,
    tab_most_used_extension,
    client_version,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
