{{ config(materialized='table') }}

{#
    One row per span or event that tells use of a model or says that it is a call of one: what may be a model call. Keys
    and marks alone; what they tell is joined to those that count. An agent's run that nothing else tells of, in its
    trace or session, counts as a call whose use is unknown: else its agent would look free.
#}
with

spans as (
    select * from {{ ref('int_tasks__spans') }}
),

events as (
    select * from {{ ref('int_tasks__events') }}
),

trace_contexts as (
    select * from {{ ref('int_tasks__trace_contexts') }}
),

inner_spans as (
    select * from {{ ref('int_tasks__inner_spans') }}
),

{% set has_cost = 'reported_cost is not null or nano_aiu is not null' -%}
{% set has_usage -%}
coalesce(
            input_tokens,
            output_tokens,
            cache_read_tokens,
            cache_write_tokens,
            cache_write_5m_tokens,
            cache_write_1h_tokens,
            reasoning_tokens,
            nano_aiu
        ) is not null
        or reported_cost is not null
{%- endset -%}
marked_spans as (
    select
        trace_id || '/' || span_id as candidate_key,
        'span' as call_source,
        trace_id,
        span_id,
        nullif(parent_span_id, span_id) as parent_span_id,
        cast(null as {{ dbt.type_string() }}) as event_key,
        service_name,
        session_id,
        request_id,
        attempt,
        span_kind,
        role,
        cast(null as {{ dbt.type_string() }}) as event_name,
        coalesce(operation_name, '') as operation_name,
        {{ has_usage }} as has_usage,
        {{ has_cost }} as has_cost,
        cast(null as bigint) as event_sequence,
        started_at as happened_at
    from spans
),

marked_events as (
    select
        'event/' || event_key as candidate_key,
        'event' as call_source,
        trace_id,
        span_id,
        cast(null as {{ dbt.type_string() }}) as parent_span_id,
        event_key,
        service_name,
        session_id,
        request_id,
        attempt,
        cast(null as {{ dbt.type_string() }}) as span_kind,
        role,
        lower(event_name) as event_name,
        '' as operation_name,
        {{ has_usage }} as has_usage,
        {{ has_cost }} as has_cost,
        event_sequence,
        occurred_at as happened_at
    from events
),

telling as (
    select * from marked_spans
    where has_usage or role = 'call'

    union all

    select * from marked_events
    where
        role in ('call', 'failed_call')
        or (has_usage and coalesce(role, 'usage') = 'usage')
),

telling_traces as (
    select distinct trace_id from telling
    where trace_id is not null
),

telling_sessions as (
    select distinct session_id from telling
    where session_id is not null
),

silent_agents as (
    select marked_spans.*
    from marked_spans
    left join inner_spans as agents_above
        on
            marked_spans.trace_id = agents_above.trace_id
            and marked_spans.parent_span_id = agents_above.span_id
            and agents_above.role = 'parent'
    left join telling_traces
        on marked_spans.trace_id = telling_traces.trace_id
    left join telling_sessions
        on marked_spans.session_id = telling_sessions.session_id
    where
        marked_spans.operation_name = 'invoke_agent'
        and agents_above.span_id is null
        and telling_traces.trace_id is null
        and telling_sessions.session_id is null
),

candidates as (
    select * from telling

    union all

    select * from silent_agents
)

select
    candidates.candidate_key,
    candidates.call_source,
    candidates.trace_id,
    candidates.span_id,
    candidates.parent_span_id,
    candidates.event_key,
    candidates.service_name,
    coalesce(candidates.session_id, trace_contexts.session_id) as session_id,
    candidates.request_id,
    candidates.attempt,
    candidates.span_kind,
    candidates.role,
    candidates.event_name,
    candidates.has_usage,
    candidates.has_cost,
    candidates.event_sequence,
    candidates.happened_at
from candidates
left join trace_contexts
    on candidates.trace_id = trace_contexts.trace_id
