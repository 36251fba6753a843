{{ config(materialized='table') }}

{#
    One row per span that stands above one that tells use, with whether such a one lies directly in it.

    The way up goes from every span that tells use of its own to its root; directly means that no tool and no agent lies
    between. Where a span on the way was not delivered, the branch lies below the only root of its service, if one tells
    use: of several roots nobody knows which one it was cut from. A span above need be no candidate itself.
#}
with recursive

spans as (
    select * from {{ ref('int_tasks__span_requests') }}
    where left_out_because is null and has_usage
),

inner_spans as (
    select * from {{ ref('int_tasks__inner_spans') }}
),

{# is_behind: a tool or an agent lies between. Ends even where ids run in a circle, because no row is there twice. #}
spans_above as (
    select
        trace_id,
        coalesce(service_name, '') as service_name,
        parent_span_id as span_id,
        coalesce(role, '') = 'parent' as is_behind
    from spans
    where parent_span_id is not null

    union

    select
        spans_above.trace_id,
        spans_above.service_name,
        inner_spans.parent_span_id as span_id,
        spans_above.is_behind or coalesce(inner_spans.role, '') in ('parent', 'tool') as is_behind
    from spans_above
    inner join inner_spans
        on
            spans_above.trace_id = inner_spans.trace_id
            and spans_above.span_id = inner_spans.span_id
    where inner_spans.parent_span_id is not null
),

{# Ways up that end at a span which nobody delivered. #}
broken_ways as (
    select distinct
        spans_above.trace_id,
        spans_above.service_name
    from spans_above
    left join inner_spans
        on
            spans_above.trace_id = inner_spans.trace_id
            and spans_above.span_id = inner_spans.span_id
    where inner_spans.span_id is null
),

only_roots as (
    select
        trace_id,
        coalesce(service_name, '') as service_name,
        min(span_id) as span_id
    from spans
    where role = 'parent' and parent_span_id is null
    group by trace_id, coalesce(service_name, '')
    having count(*) = 1
),

ways_up as (
    select
        trace_id,
        span_id,
        is_behind
    from spans_above

    union all

    select
        only_roots.trace_id,
        only_roots.span_id,
        true as is_behind
    from broken_ways
    inner join only_roots
        on
            broken_ways.trace_id = only_roots.trace_id
            and broken_ways.service_name = only_roots.service_name
)

select
    trace_id,
    span_id,
    max(case when is_behind then 0 else 1 end) = 1 as holds_directly
from ways_up
group by trace_id, span_id
