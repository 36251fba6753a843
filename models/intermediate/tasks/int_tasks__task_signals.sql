{{ config(materialized='table') }}

{#
    One row per workflow, task, signal and name of it: the last word that the traces have of it, and at one moment the worse
    one. Where a session's signal is about no task, or nothing tells which one, it is nobody's.
#}
with

shares as (
    select * from {{ ref('int_tasks__task_shares') }}
),

signals as (
    select * from {{ ref('int_tasks__outcome_signals') }}
),

worked_on as (
    select distinct
        workflow_id,
        task_id
    from shares
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

ordered_signals as (
    select
        *,
        row_number() over (
            partition by workflow_id, task_id, signal, signal_name
            order by
                occurred_at desc nulls last,
                case outcome when 'failed' then 1 when 'completed' then 2 else 3 end
        ) as word
    from task_signals
)

select
    workflow_id,
    task_id,
    signal,
    signal_name,
    outcome,
    occurred_at
from ordered_signals
where word = 1
