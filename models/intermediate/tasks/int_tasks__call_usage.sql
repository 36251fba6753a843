{{ config(materialized='table') }}

{#
    One row per model call, before prices: tokens in disjoint classes, and to whom and what it belongs.

    To whom and what: as the call says, else the event that tells it, else the span right above it, else the only answer
    in its trace. Tokens, model and cost each come whole from the span, or whole from the event where the span tells none.
    Whether input holds what the cache gave depends on the attribute that it was read from (otel_attribute_names); where
    the cached part is more than the whole, the rest is 0 and is_input_clamped says so. What is not told is NULL.

    Without a user it is automation only where a pipeline is told, by the call, its trace, or, of an event without a
    trace, its session: a person's IDE may name no user either. An error that is a status below 400 is none.
#}
{% set context = [
    'session_id', 'agent_name', 'agent_version', 'workflow_name', 'user_key', 'repository', 'branch', 'commit_sha',
    'change_id', 'issue_id', 'task_id', 'session_url', 'logs_url',
] -%}
{% set own = [
    'service_name', 'operation_name', 'query_source', 'effort', 'attempt', 'is_success', 'finish_reason', 'error_type',
    'content_hash', 'input_bytes', 'output_bytes', 'pipeline_run_id', 'pipeline_result',
] -%}
{% set model_set = ['provider_name', 'request_model', 'response_model'] -%}
{% set token_set = [
    'input_tokens', 'input_tokens_attribute', 'output_tokens', 'cache_read_tokens', 'cache_write_tokens',
    'cache_write_5m_tokens', 'cache_write_1h_tokens', 'reasoning_tokens',
] -%}
{% set cost_set = [
    'reported_cost', 'reported_cost_currency', 'reported_cost_source', 'reported_cost_attribute',
] -%}
with

levels as (
    select * from {{ ref('int_tasks__call_levels') }}
    where is_counted
),

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

otel_attribute_names as (
    select * from {{ ref('otel_attribute_names') }}
),

pipeline_records as (
    select
        trace_id,
        session_id
    from spans
    where coalesce(pipeline_run_id, pipeline_result) is not null

    union all

    select
        trace_id,
        session_id
    from events
    where coalesce(pipeline_run_id, pipeline_result) is not null
),

pipeline_traces as (
    select distinct trace_id from pipeline_records
    where trace_id is not null
),

pipeline_sessions as (
    select distinct session_id from pipeline_records
    where session_id is not null
),

input_names as (
    select
        attribute_name,
        max(counts_cached_input) as counts_cached_input
    from otel_attribute_names
    where column_name = 'input_tokens'
    group by attribute_name
),

told_calls as (
    select
        levels.candidate_key as call_key,
        levels.call_source,
        levels.trace_id,
        levels.span_id,
        {% for column in context -%}
        coalesce(
            spans.{{ column }},
            events.{{ column }},
            inner_spans.{{ column }},
            trace_contexts.{{ column }}
        ) as {{ column }},
        {% endfor -%}
        {% for column in own -%}
        coalesce(spans.{{ column }}, events.{{ column }}) as {{ column }},
        {% endfor -%}
        {% for columns, told in [
            (model_set, 'coalesce(spans.request_model, spans.response_model) is not null'),
            (token_set, 'coalesce(spans.input_tokens, spans.output_tokens) is not null'),
            (cost_set, 'spans.reported_cost is not null'),
        ] -%}
        {% for column in columns -%}
        case when {{ told }} then spans.{{ column }} else events.{{ column }} end as {{ column }},
        {% endfor -%}
        {% endfor -%}
        coalesce(spans.nano_aiu, events.nano_aiu) as nano_aiu,
        spans.status_code,
        spans.duration_ns,
        spans.started_at,
        spans.ended_at,
        case
            when spans.ended_at is null then 'not_ended'
            when spans.ended_at < spans.started_at then 'ends_before_start'
        end as time_problem
    from levels
    inner join spans
        on
            levels.trace_id = spans.trace_id
            and levels.span_id = spans.span_id
    left join events
        on levels.event_key = events.event_key
    left join inner_spans
        on
            spans.trace_id = inner_spans.trace_id
            and spans.parent_span_id = inner_spans.span_id
    left join trace_contexts
        on spans.trace_id = trace_contexts.trace_id
    where levels.call_source = 'span'

    union all

    select
        levels.candidate_key as call_key,
        levels.call_source,
        levels.trace_id,
        levels.span_id,
        {% for column in context -%}
        coalesce(
            events.{{ column }},
            inner_spans.{{ column }},
            trace_contexts.{{ column }}
        ) as {{ column }},
        {% endfor -%}
        {% for column in own -%}
        {% if column == 'is_success' -%}
        case when events.role = 'failed_call' then false else events.is_success end as is_success,
        {% else -%}
        events.{{ column }},
        {% endif -%}
        {% endfor -%}
        {% for column in model_set + token_set + cost_set -%}
        events.{{ column }},
        {% endfor -%}
        events.nano_aiu,
        cast(null as {{ dbt.type_string() }}) as status_code,
        cast(null as bigint) as duration_ns,
        events.occurred_at as started_at,
        events.occurred_at as ended_at,
        cast(null as {{ dbt.type_string() }}) as time_problem
    from levels
    inner join events
        on levels.event_key = events.event_key
    left join inner_spans
        on
            events.trace_id = inner_spans.trace_id
            and events.span_id = inner_spans.span_id
    left join trace_contexts
        on events.trace_id = trace_contexts.trace_id
    where levels.call_source = 'event'
),

classed_calls as (
    select
        told_calls.*,
        {{ told_error('told_calls.error_type') }} as told_error,
        coalesce(told_calls.pipeline_run_id, told_calls.pipeline_result) is not null
        or pipeline_traces.trace_id is not null
        or pipeline_sessions.session_id is not null as is_in_pipeline,
        coalesce(input_names.counts_cached_input, '') <> 'no' as counts_cached_input,
        coalesce(told_calls.cache_write_5m_tokens, 0)
        + coalesce(told_calls.cache_write_1h_tokens, 0) as classed_write_tokens
    from told_calls
    left join input_names
        on told_calls.input_tokens_attribute = input_names.attribute_name
    left join pipeline_traces
        on told_calls.trace_id = pipeline_traces.trace_id
    left join pipeline_sessions
        on
            told_calls.trace_id is null
            and told_calls.session_id = pipeline_sessions.session_id
),

written_calls as (
    select
        *,
        case
            when cache_write_tokens > classed_write_tokens
                then cache_write_tokens - classed_write_tokens
            when cache_write_tokens is not null then 0
        end as other_write_tokens
    from classed_calls
),

cached_calls as (
    select
        *,
        coalesce(cache_read_tokens, 0) + classed_write_tokens + coalesce(other_write_tokens, 0)
            as cached_tokens
    from written_calls
)

select
    call_key,
    call_source,
    trace_id,
    span_id,
    coalesce(session_id, trace_id, call_key) as session_id,
    session_id is not null as has_session_id,
    workflow_name,
    task_id as task_hint,
    service_name,
    agent_name,
    agent_version,
    coalesce(user_key, case when is_in_pipeline then service_name end) as principal_key,
    case
        when user_key is not null then 'human_seat'
        when is_in_pipeline and service_name is not null then 'service_account'
        else 'unattributed'
    end as principal_kind,
    repository,
    branch,
    commit_sha,
    change_id,
    issue_id,
    operation_name,
    provider_name,
    request_model as model_asked,
    response_model as model_answered,
    {{ trace_model_vendor('provider_name') }} as model_vendor,
    coalesce(nullif(response_model, ''), nullif(request_model, '')) as model_name,
    query_source,
    effort,
    attempt,
    case
        when is_success is not null then is_success
        when status_code = 'error' or told_error is not null then false
        when status_code = 'ok' or finish_reason is not null or output_tokens > 0 then true
    end as is_success,
    finish_reason,
    told_error as error_type,
    started_at,
    ended_at,
    time_problem,
    cast(started_at as date) as usage_date,
    cast({{ dbt.date_trunc('week', 'started_at') }} as date) as iso_week,
    case
        when time_problem is null
            then cast((duration_ns - duration_ns % 1000000) / 1000000 as bigint)
    end as duration_ms,
    case
        when input_tokens is null then null
        when not counts_cached_input then input_tokens
        when input_tokens < cached_tokens then 0
        else input_tokens - cached_tokens
    end as input_uncached_tokens,
    cache_read_tokens,
    cache_write_5m_tokens,
    cache_write_1h_tokens,
    other_write_tokens as cache_write_tokens,
    output_tokens,
    reasoning_tokens,
    coalesce(counts_cached_input and input_tokens < cached_tokens, false) as is_input_clamped,
    case
        when input_tokens is null then null
        when not counts_cached_input then input_tokens + cached_tokens
        when input_tokens < cached_tokens then cached_tokens
        else input_tokens
    end as prompt_tokens,
    reported_cost,
    {# Only the proposed attribute has a currency beside it; what agents named before it means dollars. #}
    coalesce(
        upper(nullif(reported_cost_currency, '')),
        case
            when reported_cost is not null and reported_cost_attribute <> 'gen_ai.usage.cost.amount'
                then 'USD'
        end
    ) as reported_cost_currency,
    reported_cost_source,
    nano_aiu,
    content_hash,
    input_bytes,
    output_bytes,
    logs_url,
    session_url
from cached_calls
