{# One row per session of a Copilot agent's task and reading. Rows of current loads only. #}
with

source as (
    select * from {{ source('github_delivery', 'agent_sessions') }}
),

current_reports as (
    select * from {{ ref('stg_github_delivery__current_reports') }}
)

select
    report_load_key,
    account_id,
    scope,
    repository,
    task_id,
    session_id,
    state,
    {{ utc_timestamp('created_at') }} as created_at,
    {{ utc_timestamp('completed_at') }} as completed_at,
    model,
    head_ref,
    base_ref,
    ai_credits,
    premium_requests,
    error_type,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
