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

signals as (
    select * from {{ ref('int_tasks__outcome_signals') }}
),

links as (
    select * from {{ ref('int_tasks__session_links') }}
    where is_used
),

pull_requests as (
    select * from {{ ref('int_delivery__pull_requests') }}
),

workflows as (
    select * from {{ ref('int_finance__workflows') }}
),

{# Where tasks are pull requests, their names are in lower case, however your file writes them. #}
decisions as (
    select
        task_outcomes.workflow_id,
        case
            when
                workflows.completed_when = 'pull_request_merged'
                and {{ matches_regex('task_outcomes.task_id', "'^[^/#]+/[^/#]+#[0-9]+$'") }}
                then lower(task_outcomes.task_id)
            else task_outcomes.task_id
        end as task_id,
        task_outcomes.outcome,
        task_outcomes.decided_on,
        task_outcomes.source_file,
        task_outcomes.line_number
    from {{ ref('int_finance__task_outcomes') }} as task_outcomes
    left join workflows
        on task_outcomes.workflow_id = workflows.workflow_id
),

{# The latest decision; of one day, what the file says last. #}
ordered_decisions as (
    select
        *,
        row_number() over (
            partition by workflow_id, task_id
            order by
                decided_on desc nulls last,
                {{ binary_order('source_file') }},
                line_number desc nulls last,
                outcome
        ) as decision
    from decisions
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
        ordered_decisions.workflow_id,
        ordered_decisions.task_id,
        true as is_attributed,
        cast(null as date) as last_call_date,
        false as has_calls
    from ordered_decisions
    left join worked_on
        on
            ordered_decisions.workflow_id = worked_on.workflow_id
            and ordered_decisions.task_id = worked_on.task_id
    where ordered_decisions.decision = 1 and worked_on.task_id is null
),

named_tasks as (
    select
        task_id,
        min(workflow_id) as workflow_id,
        count(*) as workflows
    from worked_on
    group by task_id
),

{#
    A signal of a session is about the task that it names. About the session's only task it is where it names none, or one
    that nobody worked on.
#}
session_signals as (
    select
        shares.workflow_id,
        shares.task_id,
        signals.signal,
        signals.signal_name,
        signals.outcome,
        signals.occurred_at
    from signals
    inner join shares
        on signals.session_id = shares.session_id
    left join named_tasks
        on signals.task_hint = named_tasks.task_id
    where
        shares.task_id = signals.task_hint
        or (
            signals.signal = 'change_state'
            and lower(shares.pull_request_key) = signals.signal_name
        )
        or (
            shares.tasks_of_session = 1
            and (
                signals.task_hint is null
                or (named_tasks.task_id is null and shares.task_id = shares.session_id)
            )
            and (signals.signal <> 'change_state' or shares.pull_request_key is null)
        )
),

{#
    Evaluators often run later, on their own, and some call models themselves: what they say of another session's task by its
    name counts where one workflow has it.
#}
stray_signals as (
    select
        signals.task_hint,
        signals.signal,
        signals.signal_name,
        signals.outcome,
        signals.occurred_at
    from signals
    left join shares
        on
            signals.session_id = shares.session_id
            and (
                signals.task_hint = shares.task_id
                or (
                    signals.signal = 'change_state'
                    and signals.signal_name = lower(shares.pull_request_key)
                )
            )
    where shares.session_id is null and signals.task_hint is not null
),

task_signals as (
    select * from session_signals

    union all

    select
        named_tasks.workflow_id,
        named_tasks.task_id,
        stray_signals.signal,
        stray_signals.signal_name,
        stray_signals.outcome,
        stray_signals.occurred_at
    from stray_signals
    inner join named_tasks
        on stray_signals.task_hint = named_tasks.task_id
    where named_tasks.workflows = 1
),

last_signals as (
    select
        *,
        row_number() over (
            partition by workflow_id, task_id, signal, signal_name
            order by
                occurred_at desc nulls last,
                case outcome when 'failed' then 1 when 'completed' then 2 else 3 end
        ) as word
    from task_signals
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
    from last_signals
    where word = 1
    group by workflow_id, task_id
),

task_pull_requests as (
    select distinct
        workflow_id,
        task_id,
        pull_request_key
    from shares
    where pull_request_key is not null

    union

    select
        shares.workflow_id,
        shares.task_id,
        links.pull_request_key
    from shares
    inner join links
        on shares.session_id = links.session_id
    where shares.pull_request_key is null and shares.tasks_of_session = 1
),

told_closings as (
    select
        workflow_id,
        task_id,
        signal_name
    from last_signals
    where word = 1 and signal = 'change_state' and outcome = 'failed'
),

merged as (
    select
        task_pull_requests.workflow_id,
        task_pull_requests.task_id,
        case
            when count(pull_requests.merged_at) > 0 then 'completed'
            when count(case when pull_requests.state = 'open' then 1 end) > 0 then 'open'
            when
                count(*) > 1
                and count(coalesce(pull_requests.pull_request_key, told_closings.signal_name))
                < count(*)
                then 'unread'
            when count(pull_requests.pull_request_key) > 0 then 'failed'
        end as pull_request,
        coalesce(max(pull_requests.merged_at), max(pull_requests.closed_at)) as pull_request_at
    from task_pull_requests
    left join pull_requests
        on task_pull_requests.pull_request_key = pull_requests.pull_request_key
    left join told_closings
        on
            task_pull_requests.workflow_id = told_closings.workflow_id
            and task_pull_requests.task_id = told_closings.task_id
            and lower(task_pull_requests.pull_request_key) = told_closings.signal_name
    group by task_pull_requests.workflow_id, task_pull_requests.task_id
),

known as (
    select
        tasks.*,
        coalesce(workflows.completed_when, '') as completed_when,
        ordered_decisions.outcome as decided_outcome,
        ordered_decisions.decided_on,
        said.evaluation,
        said.evaluation_at,
        said.change_state,
        said.change_state_at,
        said.ci_result,
        said.ci_result_at,
        merged.pull_request,
        merged.pull_request_at
    from tasks
    left join workflows
        on tasks.workflow_id = workflows.workflow_id
    left join ordered_decisions
        on
            tasks.workflow_id = ordered_decisions.workflow_id
            and tasks.task_id = ordered_decisions.task_id
            and ordered_decisions.decision = 1
    left join said
        on
            tasks.workflow_id = said.workflow_id
            and tasks.task_id = said.task_id
    left join merged
        on
            tasks.workflow_id = merged.workflow_id
            and tasks.task_id = merged.task_id
),

judged as (
    select
        *,
        case
            when decided_outcome is not null then 'outcome_file'
            when completed_when in ('', 'evaluation') and evaluation is not null then 'evaluation'
            when
                completed_when in ('', 'pull_request_merged')
                and pull_request in ('completed', 'failed')
                then 'pull_request'
            when
                completed_when in ('', 'pull_request_merged')
                and (
                    change_state = 'completed'
                    or (change_state = 'failed' and pull_request is null)
                )
                then 'change_state'
            when completed_when in ('', 'ci_success') and ci_result is not null then 'ci_result'
            when
                completed_when = 'pull_request_merged'
                and is_attributed
                and pull_request = 'open'
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
        when 'pull_request' then pull_request
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
