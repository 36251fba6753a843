{{ config(materialized='table') }}

{#
    One row per workflow and task that a session worked on: when, at what known cost, and what became of it.
#}
with

shares as (
    select * from {{ ref('int_tasks__task_shares') }}
),

outcomes as (
    select * from {{ ref('int_tasks__outcomes') }}
),

tasks as (
    select
        workflow_id,
        task_id,
        min(pull_request_key) as pull_request_key,
        min(case when is_attributed then 1 else 0 end) = 1 as is_attributed,
        min(started_at) as started_at,
        max(ended_at) as ended_at,
        max(last_call_date) as last_call_date,
        count(*) as sessions,
        min(session_id) as first_session_id,
        cast(sum(model_calls) as bigint) as model_calls,
        cast(sum(priced_calls) as bigint) as priced_calls,
        cast(sum(retries) as bigint) as retries,
        {{ money('sum(share_cost_usd)') }} as cost_usd
    from shares
    group by workflow_id, task_id
)

select
    tasks.workflow_id,
    tasks.task_id,
    tasks.pull_request_key,
    tasks.is_attributed,
    tasks.started_at,
    tasks.ended_at,
    tasks.last_call_date,
    tasks.sessions,
    case when tasks.sessions = 1 then tasks.first_session_id end as session_id,
    tasks.model_calls,
    tasks.priced_calls,
    tasks.retries,
    tasks.cost_usd,
    coalesce(outcomes.outcome, 'unknown') as outcome,
    outcomes.outcome_evidence
from tasks
left join outcomes
    on
        tasks.workflow_id = outcomes.workflow_id
        and tasks.task_id = outcomes.task_id
