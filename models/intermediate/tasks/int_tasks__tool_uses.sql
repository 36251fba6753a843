{{ config(materialized='table') }}

{#
    One row per tool call, before its workflow: spans, and events that no span tells.

    What came of the call and who let it pass stand in events, which join by the tool call's id within a service's
    session. Events of one id are one call. Without an id a result is a call of its own, and so is a refusal; a permission
    is none, because its result follows. Neither counts where spans of the service tell the session's tool calls.
#}
{% set context = ['agent_name', 'repository', 'workflow_name'] -%}
with

spans as (
    select * from {{ ref('int_tasks__spans') }}
),

events as (
    select * from {{ ref('int_tasks__events') }}
),

inner_spans as (
    select * from {{ ref('int_tasks__inner_spans') }}
),

trace_contexts as (
    select * from {{ ref('int_tasks__trace_contexts') }}
),

tool_spans as (
    select
        spans.trace_id || '/' || spans.span_id as tool_call_key,
        spans.trace_id,
        spans.span_id,
        coalesce(
            spans.session_id, inner_spans.session_id, trace_contexts.session_id, spans.trace_id
        ) as session_id,
        spans.service_name,
        {% for column in context -%}
        coalesce(spans.{{ column }}, inner_spans.{{ column }}, trace_contexts.{{ column }})
            as {{ column }},
        {% endfor -%}
        spans.tool_name,
        spans.tool_call_id,
        spans.started_at,
        case
            when spans.is_success is not null then spans.is_success
            when spans.status_code = 'error' or {{ told_error('spans.error_type') }} is not null
                then false
            when spans.status_code = 'ok' then true
        end as is_success
    from spans
    left join inner_spans
        on
            spans.trace_id = inner_spans.trace_id
            and spans.parent_span_id = inner_spans.span_id
    left join trace_contexts
        on spans.trace_id = trace_contexts.trace_id
    where spans.role = 'tool'
),

tool_events as (
    select
        'event/' || events.event_key as tool_call_key,
        events.trace_id,
        events.span_id,
        coalesce(
            events.session_id,
            trace_contexts.session_id,
            events.trace_id,
            'event/' || events.event_key
        ) as session_id,
        events.service_name,
        {% for column in context -%}
        coalesce(events.{{ column }}, trace_contexts.{{ column }}) as {{ column }},
        {% endfor -%}
        events.tool_name,
        events.tool_call_id,
        events.occurred_at as started_at,
        case
            when events.is_success is not null then events.is_success
            when {{ told_error('events.error_type') }} is not null then false
        end as is_success,
        events.role = 'tool_result' as is_result,
        events.decision,
        events.decision_source
    from events
    left join trace_contexts
        on events.trace_id = trace_contexts.trace_id
    where events.role in ('tool_result', 'tool_decision')
),

{# Of the events of one id: the result stands for the call, the decision for whoever decided. #}
identified_events as (
    select
        *,
        coalesce(service_name, '') as service_word,
        row_number() over (
            partition by coalesce(service_name, ''), session_id, tool_call_id
            order by
                case when is_result then 0 else 1 end,
                started_at desc nulls last,
                {{ binary_order('tool_call_key') }}
        ) as standing,
        row_number() over (
            partition by coalesce(service_name, ''), session_id, tool_call_id
            order by
                case when decision is not null then 0 else 1 end,
                case when is_result then 1 else 0 end,
                started_at desc nulls last,
                {{ binary_order('tool_call_key') }}
        ) as deciding
    from tool_events
    where tool_call_id is not null
),

results as (
    select * from identified_events
    where standing = 1
),

decisions as (
    select * from identified_events
    where deciding = 1
),

span_ids as (
    select distinct
        coalesce(service_name, '') as service_word,
        session_id,
        tool_call_id
    from tool_spans
    where tool_call_id is not null
),

span_sessions as (
    select distinct
        coalesce(service_name, '') as service_word,
        session_id
    from tool_spans
),

told_calls as (
    select
        tool_spans.tool_call_key,
        tool_spans.trace_id,
        tool_spans.session_id,
        tool_spans.service_name,
        {% for column in context -%}
        tool_spans.{{ column }},
        {% endfor -%}
        coalesce(tool_spans.tool_name, results.tool_name) as tool_name,
        tool_spans.tool_call_id,
        tool_spans.started_at,
        coalesce(tool_spans.is_success, results.is_success) as is_success,
        decisions.decision,
        decisions.decision_source
    from tool_spans
    left join results
        on
            coalesce(tool_spans.service_name, '') = results.service_word
            and tool_spans.session_id = results.session_id
            and tool_spans.tool_call_id = results.tool_call_id
    left join decisions
        on
            coalesce(tool_spans.service_name, '') = decisions.service_word
            and tool_spans.session_id = decisions.session_id
            and tool_spans.tool_call_id = decisions.tool_call_id

    union all

    select
        results.tool_call_key,
        results.trace_id,
        results.session_id,
        results.service_name,
        {% for column in context -%}
        results.{{ column }},
        {% endfor -%}
        coalesce(results.tool_name, decisions.tool_name) as tool_name,
        results.tool_call_id,
        results.started_at,
        results.is_success,
        decisions.decision,
        decisions.decision_source
    from results
    inner join decisions
        on
            results.service_word = decisions.service_word
            and results.session_id = decisions.session_id
            and results.tool_call_id = decisions.tool_call_id
    left join span_ids
        on
            results.service_word = span_ids.service_word
            and results.session_id = span_ids.session_id
            and results.tool_call_id = span_ids.tool_call_id
    where span_ids.tool_call_id is null

    union all

    select
        tool_events.tool_call_key,
        tool_events.trace_id,
        tool_events.session_id,
        tool_events.service_name,
        {% for column in context -%}
        tool_events.{{ column }},
        {% endfor -%}
        tool_events.tool_name,
        tool_events.tool_call_id,
        tool_events.started_at,
        tool_events.is_success,
        tool_events.decision,
        tool_events.decision_source
    from tool_events
    left join span_sessions
        on
            coalesce(tool_events.service_name, '') = span_sessions.service_word
            and tool_events.session_id = span_sessions.session_id
    where
        tool_events.tool_call_id is null
        and span_sessions.session_id is null
        and (tool_events.is_result or coalesce(tool_events.decision, '') = 'reject')
)

select
    tool_call_key,
    trace_id,
    session_id,
    service_name,
    agent_name,
    repository,
    workflow_name,
    tool_name,
    tool_call_id,
    started_at,
    is_success,
    coalesce(
        {{ matches_regex(
            'lower(tool_name)', "'(^|[^a-z])tests?([^a-z]|$)|run_?tests?|pytest|unittest'"
        ) }},
        false
    ) as is_test_run,
    decision,
    decision_source
from told_calls
