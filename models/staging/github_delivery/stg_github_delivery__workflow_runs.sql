{# One row per run of a workflow and reading; the newest reading counts. Rows of current loads only. #}
with

source as (
    select * from {{ source('github_delivery', 'workflow_runs') }}
),

current_reports as (
    select * from {{ ref('stg_github_delivery__current_reports') }}
)

select
    report_load_key,
    account_id,
    scope,
    repository,
    run_id,
    workflow_name,
    path,
    head_sha,
    head_branch,
    event,
    status,
    conclusion,
    {{ utc_timestamp('started_at') }} as started_at,
    {{ utc_timestamp('updated_at') }} as updated_at,
    run_attempt,
    actor_key,
    actor_kind,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
