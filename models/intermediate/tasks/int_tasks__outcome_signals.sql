{{ config(materialized='table') }}

{#
    One row per session, task that the trace names, and signal about the outcome that the traces carry: the last word of
    each evaluation, of each change and of the pipelines. The status of a span is no signal: an agent that ran to its end
    has not solved its task. A score that is neither pass nor fail says nothing, and neither does a pipeline that was
    skipped or cancelled; a change that is open again takes back what was said of it. A pipeline and each of its steps tell
    their results alike: where a step of a run failed, no success of that run counts. Without the run's id, of the signal or
    of its trace, the last result stands.
#}
with

evaluations as (
    select * from {{ ref('int_tasks__evaluations') }}
    where is_pass is not null
),

spans as (
    select * from {{ ref('int_tasks__spans') }}
    where change_state is not null or pipeline_result is not null
),

events as (
    select * from {{ ref('int_tasks__events') }}
    where change_state is not null or pipeline_result is not null
),

trace_contexts as (
    select * from {{ ref('int_tasks__trace_contexts') }}
),

states as (
    select
        trace_id,
        session_id,
        task_id,
        repository,
        change_id,
        lower(change_state) as change_state,
        lower(pipeline_result) as pipeline_result,
        pipeline_run_id,
        coalesce(ended_at, started_at) as occurred_at
    from spans

    union all

    select
        trace_id,
        session_id,
        task_id,
        repository,
        change_id,
        lower(change_state) as change_state,
        lower(pipeline_result) as pipeline_result,
        pipeline_run_id,
        occurred_at
    from events
),

trace_runs as (
    select
        trace_id,
        min(pipeline_run_id) as pipeline_run_id
    from states
    group by trace_id
    having count(distinct pipeline_run_id) = 1
),

{# What a span does not say itself, its trace says, just as for model calls. #}
placed as (
    select
        coalesce(states.session_id, trace_contexts.session_id, states.trace_id) as session_id,
        coalesce(states.task_id, trace_contexts.task_id) as task_hint,
        {{ change_key(
            'coalesce(states.repository, trace_contexts.repository)',
            'coalesce(states.change_id, trace_contexts.change_id)'
        ) }} as change_key,
        states.change_state,
        states.pipeline_result,
        coalesce(states.pipeline_run_id, trace_runs.pipeline_run_id) as pipeline_run_id,
        states.occurred_at
    from states
    left join trace_contexts
        on states.trace_id = trace_contexts.trace_id
    left join trace_runs
        on states.trace_id = trace_runs.trace_id
),

failed_runs as (
    select distinct
        session_id,
        pipeline_run_id
    from placed
    where pipeline_result in ('failure', 'error', 'timeout') and pipeline_run_id is not null
),

said as (
    select
        coalesce(session_id, trace_id) as session_id,
        task_hint,
        'evaluation' as signal,
        coalesce(evaluation_name, '') as signal_name,
        case when is_pass then 'completed' else 'failed' end as outcome,
        occurred_at
    from evaluations

    union all

    select
        session_id,
        task_hint,
        'change_state' as signal,
        coalesce(change_key, '') as signal_name,
        case change_state
            when 'merged' then 'completed'
            when 'closed' then 'failed'
        end as outcome,
        occurred_at
    from placed
    where change_state is not null

    union all

    select
        placed.session_id,
        placed.task_hint,
        'ci_result' as signal,
        '' as signal_name,
        case
            when placed.pipeline_result = 'success' and failed_runs.pipeline_run_id is null
                then 'completed'
            else 'failed'
        end as outcome,
        placed.occurred_at
    from placed
    left join failed_runs
        on
            placed.session_id = failed_runs.session_id
            and placed.pipeline_run_id = failed_runs.pipeline_run_id
    where placed.pipeline_result in ('success', 'failure', 'error', 'timeout')
),

{# At one moment the worse of two words stands. #}
ordered as (
    select
        *,
        row_number() over (
            partition by session_id, task_hint, signal, signal_name
            order by
                occurred_at desc nulls last,
                case outcome when 'failed' then 1 when 'completed' then 2 else 3 end
        ) as word
    from said
    where session_id is not null or task_hint is not null
)

select
    session_id,
    task_hint,
    signal,
    signal_name,
    outcome,
    occurred_at
from ordered
where word = 1
