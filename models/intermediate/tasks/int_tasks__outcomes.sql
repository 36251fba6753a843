{{ config(materialized='table') }}

{#
    One row per workflow and task: what became of it, and how that is known.

    Your own outcome file beats everything. Then speaks what completes the workflow's tasks by your rule, and that alone;
    without a rule evaluations come first, then pull requests (what GitHub says of them before what the trace says, which may
    be older: only a merge is final), then pipelines. What nothing tells of stays unknown, however
    old it is: only an open pull request of a workflow that a merge completes is abandoned after a while. Of several pull
    requests all have to be closed for a failure: one that nobody read may have been merged.
#}
with

shares as (
    select * from {{ ref('int_tasks__task_shares') }}
),

task_signals as (
    select * from {{ ref('int_tasks__task_signals') }}
),

task_pull_requests as (
    select * from {{ ref('int_tasks__task_pull_requests') }}
),

decisions as (
    select * from {{ ref('int_tasks__task_decisions') }}
),

workflows as (
    select * from {{ ref('int_finance__workflows') }}
),

worked_on as (
    select
        workflow_id,
        task_id,
        min(case when is_attributed then 1 else 0 end) = 1 as is_attributed,
        max(last_call_date) as last_call_date
    from shares
    group by workflow_id, task_id
),

tasks as (
    select
        workflow_id,
        task_id,
        is_attributed,
        last_call_date,
        true as has_calls
    from worked_on

    union all

    select
        decisions.workflow_id,
        decisions.task_id,
        true as is_attributed,
        cast(null as date) as last_call_date,
        false as has_calls
    from decisions
    left join worked_on
        on
            decisions.workflow_id = worked_on.workflow_id
            and decisions.task_id = worked_on.task_id
    where worked_on.task_id is null
),

{# Every evaluation of a task has to pass; of several changes one has to be merged. #}
said as (
    select
        workflow_id,
        task_id,
        case
            when count(case when signal = 'evaluation' and outcome = 'failed' then 1 end) > 0
                then 'failed'
            when count(case when signal = 'evaluation' then 1 end) > 0 then 'completed'
        end as evaluation,
        max(case when signal = 'evaluation' then occurred_at end) as evaluation_at,
        case
            when count(case when signal = 'change_state' and outcome = 'completed' then 1 end) > 0
                then 'completed'
            when count(case when signal = 'change_state' and outcome is null then 1 end) > 0
                then null
            when count(case when signal = 'change_state' then 1 end) > 0 then 'failed'
        end as change_state,
        max(case when signal = 'change_state' then occurred_at end) as change_state_at,
        min(case when signal = 'ci_result' then outcome end) as ci_result,
        max(case when signal = 'ci_result' then occurred_at end) as ci_result_at
    from task_signals
    group by workflow_id, task_id
),

known as (
    select
        tasks.*,
        coalesce(workflows.completed_when, '') as completed_when,
        decisions.outcome as decided_outcome,
        decisions.decided_on,
        said.evaluation,
        said.evaluation_at,
        said.change_state,
        said.change_state_at,
        said.ci_result,
        said.ci_result_at,
        task_pull_requests.pull_request_state,
        task_pull_requests.pull_request_at
    from tasks
    left join workflows
        on tasks.workflow_id = workflows.workflow_id
    left join decisions
        on
            tasks.workflow_id = decisions.workflow_id
            and tasks.task_id = decisions.task_id
    left join said
        on
            tasks.workflow_id = said.workflow_id
            and tasks.task_id = said.task_id
    left join task_pull_requests
        on
            tasks.workflow_id = task_pull_requests.workflow_id
            and tasks.task_id = task_pull_requests.task_id
),

judged as (
    select
        *,
        case
            when decided_outcome is not null then 'outcome_file'
            when completed_when in ('', 'evaluation') and evaluation is not null then 'evaluation'
            when
                completed_when in ('', 'pull_request_merged')
                and pull_request_state in ('completed', 'failed')
                then 'pull_request'
            when
                completed_when in ('', 'pull_request_merged')
                and (
                    change_state = 'completed'
                    or (change_state = 'failed' and pull_request_state is null)
                )
                then 'change_state'
            when completed_when in ('', 'ci_success') and ci_result is not null then 'ci_result'
            when
                completed_when = 'pull_request_merged'
                and is_attributed
                and pull_request_state = 'open'
                and {{ days_between('last_call_date', as_of_date()) }}
                >= {{ var('days_until_abandoned') }}
                then 'open_pull_request'
        end as outcome_evidence
    from known
)

select
    workflow_id,
    task_id,
    case outcome_evidence
        when 'outcome_file' then decided_outcome
        when 'evaluation' then evaluation
        when 'pull_request' then pull_request_state
        when 'change_state' then change_state
        when 'ci_result' then ci_result
        when 'open_pull_request' then 'abandoned'
        else 'unknown'
    end as outcome,
    outcome_evidence,
    case outcome_evidence
        when 'outcome_file' then cast(decided_on as {{ dbt.type_timestamp() }})
        when 'evaluation' then evaluation_at
        when 'pull_request' then pull_request_at
        when 'change_state' then change_state_at
        when 'ci_result' then ci_result_at
        when 'open_pull_request'
            then cast(
                {{ add_days('last_call_date', var('days_until_abandoned')) }}
                as {{ dbt.type_timestamp() }}
            )
    end as outcome_at,
    has_calls
from judged
