{{ config(materialized='table') }}

{#
    One row per event; an event that was delivered twice is there once.

    Events have no ids. What makes one itself is what it is, when, where, and what it tells; the rest speaks in the
    delivery that was loaded last. Reasoning that an emitter tells beside its output is added to it (otel_operations).
#}
{% if var('otel_enabled') %}
with

source_events as (
    select * from {{ ref('stg_otel__events') }}
),

current_reports as (
    select * from {{ ref('stg_otel__current_reports') }}
),

otel_operations as (
    select * from {{ ref('otel_operations') }}
),

events as (
    select
        *,
        {{ dbt.hash(joined_text([
            'event_source', 'event_name', 'occurred_at', 'trace_id', 'span_id', 'service_name', 'session_id',
            'event_sequence', 'prompt_id', 'request_id', 'response_id', 'attempt', 'request_model', 'response_model',
            'input_tokens', 'output_tokens', 'cache_read_tokens', 'reported_cost', 'tool_name', 'tool_call_id',
            'evaluation_name', 'evaluation_label', 'evaluation_score', 'decision',
        ])) }} as event_key
    from source_events
),

repeated_events as (
    select event_key
    from events
    group by event_key
    having count(*) > 1
),

deliveries as (
    select
        events.report_load_key,
        events.record_ordinal,
        row_number() over (
            partition by events.event_key
            order by
                current_reports.loaded_at desc,
                {{ binary_order('events.report_load_key') }} desc,
                events.record_ordinal desc nulls last
        ) as delivery
    from events
    inner join repeated_events
        on events.event_key = repeated_events.event_key
    left join current_reports
        on events.report_load_key = current_reports.report_load_key
),

superseded as (
    select
        report_load_key,
        record_ordinal
    from deliveries
    where delivery > 1
)

select
    events.event_key,
    {% for column in event_columns() -%}
    {% if column == 'output_tokens' -%}
    case
        when otel_operations.counts_reasoning = 'no'
            then events.output_tokens + coalesce(events.reasoning_tokens, 0)
        else events.output_tokens
    end as output_tokens,
    {% else -%}
    events.{{ column }},
    {% endif -%}
    {% endfor -%}
    otel_operations.role
from events
left join superseded
    on
        events.report_load_key = superseded.report_load_key
        and events.record_ordinal = superseded.record_ordinal
left join otel_operations
    on
        otel_operations.field = 'event_name'
        and lower(events.event_name) = otel_operations.word
where superseded.record_ordinal is null
{% else %}
{{ no_traces(['event_key'] + event_columns() + ['role']) }}
{% endif %}
