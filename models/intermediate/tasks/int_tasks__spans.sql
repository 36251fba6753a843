{{ config(materialized='table') }}

{#
    One row per span, however often it was delivered.

    Exporters deliver at least once. Of several deliveries the one that ended last speaks, then the one that tells more
    tokens, then the one that was loaded last: where they say the same, no order of loading changes a row. Only spans
    that were delivered twice are sorted, by their keys alone. Where the row was read from stays in staging.
#}
{% if var('otel_enabled') %}
with

spans as (
    select * from {{ ref('stg_otel__spans') }}
),

current_reports as (
    select * from {{ ref('stg_otel__current_reports') }}
),

otel_operations as (
    select * from {{ ref('otel_operations') }}
),

repeated_spans as (
    select
        trace_id,
        span_id
    from spans
    group by trace_id, span_id
    having count(*) > 1
),

deliveries as (
    select
        spans.report_load_key,
        spans.record_ordinal,
        row_number() over (
            partition by spans.trace_id, spans.span_id
            order by
                spans.ended_at desc nulls last,
                spans.output_tokens desc nulls last,
                spans.input_tokens desc nulls last,
                current_reports.loaded_at desc,
                {{ binary_order('spans.report_load_key') }} desc,
                spans.record_ordinal desc nulls last
        ) as delivery
    from spans
    inner join repeated_spans
        on
            spans.trace_id = repeated_spans.trace_id
            and spans.span_id = repeated_spans.span_id
    left join current_reports
        on spans.report_load_key = current_reports.report_load_key
),

superseded as (
    select
        report_load_key,
        record_ordinal
    from deliveries
    where delivery > 1
)

select
    {% for column in span_columns() -%}
    spans.{{ column }},
    {% endfor -%}
    coalesce(operations.role, names.role) as role
from spans
left join superseded
    on
        spans.report_load_key = superseded.report_load_key
        and spans.record_ordinal = superseded.record_ordinal
left join otel_operations as operations
    on
        operations.field = 'operation_name'
        and lower(spans.operation_name) = operations.word
left join otel_operations as names
    on
        names.field = 'span_name'
        and lower({{ dbt.split_part('spans.span_name', "' '", 1) }}) = names.word
where superseded.record_ordinal is null
{% else %}
{{ no_traces(span_columns() + ['role']) }}
{% endif %}
