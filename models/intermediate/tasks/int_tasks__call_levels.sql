{{ config(materialized='table') }}

{#
    One row per candidate, with the verdict whether it is a model call or tells again what another one tells.
    int_tasks__span_levels and int_tasks__event_levels have the reasons.
#}
with

span_levels as (
    select * from {{ ref('int_tasks__span_levels') }}
),

event_levels as (
    select * from {{ ref('int_tasks__event_levels') }}
)

select
    span_levels.candidate_key,
    'span' as call_source,
    span_levels.trace_id,
    span_levels.span_id,
    event_levels.event_key,
    span_levels.left_out_because is null as is_counted,
    span_levels.left_out_because
from span_levels
left join event_levels
    on span_levels.candidate_key = event_levels.taken_by

union all

select
    candidate_key,
    'event' as call_source,
    trace_id,
    span_id,
    event_key,
    left_out_because is null as is_counted,
    left_out_because
from event_levels
