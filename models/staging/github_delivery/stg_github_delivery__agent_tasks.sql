{# One row per task of a Copilot agent and reading; the newest reading counts. Rows of current loads only. #}
with

source as (
    select * from {{ source('github_delivery', 'agent_tasks') }}
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
    state,
    {{ utc_timestamp('created_at') }} as created_at,
    {{ utc_timestamp('updated_at') }} as updated_at,
    creator_key,
    pull_request_number,
    pull_request_id,
    head_ref,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
