{#
    One row per actor, terminal, customer type, subscription and remote mode of one UTC day of
    the Claude Code report. Rows of current loads only.
#}
with

source as (
    select * from {{ source('anthropic', 'claude_code_days') }}
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
    actor_type,
    coalesce(email_key, older_email_key) as email_key,
    name_key,
    name_hints,
    customer_type,
    subscription_type,
    terminal_type,
    is_remote,
    sessions,
    lines_added,
    lines_removed,
    commits,
    pull_requests,
    accepted_actions,
    rejected_actions,
    tool_actions,
    {{ cents_to_usd('estimated_cents') }} as estimated_usd,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
