{{ config(materialized='table') }}

{#
    One row per result of an evaluation: what was judged, and how. An event that tells neither label nor score, because
    the evaluation itself failed, is there and passes nothing.

    The session is the event's own, its span's, the one of the response that it names, the only one of its trace, else
    the trace. A label counts before a score; a score says passed or failed only where it is 1 or 0.
#}
with

events as (
    select * from {{ ref('int_tasks__events') }}
),

spans as (
    select * from {{ ref('int_tasks__spans') }}
),

trace_contexts as (
    select * from {{ ref('int_tasks__trace_contexts') }}
),

evaluations as (
    select * from events
    where evaluation_name is not null or event_name = 'gen_ai.evaluation.result'
),

{# Of several spans that name one response the first one, by its ids. #}
answered_spans as (
    select
        evaluations.event_key,
        spans.trace_id,
        coalesce(spans.session_id, trace_contexts.session_id) as session_id,
        coalesce(spans.task_id, trace_contexts.task_id) as task_id,
        row_number() over (
            partition by evaluations.event_key
            order by
                {{ binary_order('spans.trace_id') }},
                {{ binary_order('spans.span_id') }}
        ) as choice
    from evaluations
    inner join spans
        on evaluations.response_id = spans.response_id
    left join trace_contexts
        on spans.trace_id = trace_contexts.trace_id
),

joined_evaluations as (
    select
        evaluations.*,
        spans.session_id as span_session_id,
        spans.task_id as span_task_id,
        answered_spans.session_id as response_session_id,
        answered_spans.task_id as response_task_id,
        answered_spans.trace_id as response_trace_id,
        trace_contexts.session_id as trace_session_id,
        trace_contexts.task_id as trace_task_id,
        lower(trim(evaluations.evaluation_label)) as label_word
    from evaluations
    left join spans
        on
            evaluations.trace_id = spans.trace_id
            and evaluations.span_id = spans.span_id
    left join answered_spans
        on
            evaluations.event_key = answered_spans.event_key
            and answered_spans.choice = 1
    left join trace_contexts
        on evaluations.trace_id = trace_contexts.trace_id
)

select
    event_key,
    coalesce(
        session_id,
        span_session_id,
        response_session_id,
        trace_session_id,
        response_trace_id,
        trace_id
    ) as session_id,
    coalesce(trace_id, response_trace_id) as trace_id,
    coalesce(task_id, span_task_id, response_task_id, trace_task_id) as task_hint,
    service_name,
    evaluation_name,
    evaluation_label as label,
    evaluation_score as score,
    case
        when label_word in ('pass', 'passed', 'true', 'success', 'succeeded', 'resolved')
            then true
        when label_word in ('fail', 'failed', 'false', 'failure', 'unresolved') then false
        when evaluation_score = 1 then true
        when evaluation_score = 0 then false
    end as is_pass,
    occurred_at
from joined_evaluations
