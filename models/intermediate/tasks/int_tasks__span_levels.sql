{{ config(materialized='table') }}

{#
    One row per span that may be a model call, with the reason where it is none. One level of a trace counts: the one nearest
    to the model.

    In this order. server_side, same_request: another span tells the same request. child_usage: a span below tells the use,
    so an agent's total or a turn's is left out; a call itself only for a span that lies directly in it, not behind a tool
    or another agent. told_above: tells no use, and an agent above whose total counts does, or it lies directly in a call
    that counts.
#}
with recursive

spans as (
    select * from {{ ref('int_tasks__span_requests') }}
),

ways_up as (
    select * from {{ ref('int_tasks__ways_up') }}
),

inner_spans as (
    select * from {{ ref('int_tasks__inner_spans') }}
),

levelled_spans as (
    select
        spans.*,
        case
            when spans.left_out_because is not null then spans.left_out_because
            when ways_up.holds_directly then 'child_usage'
            when ways_up.span_id is not null and coalesce(spans.role, '') <> 'call'
                then 'child_usage'
        end as level_verdict
    from spans
    left join ways_up
        on
            spans.trace_id = ways_up.trace_id
            and spans.span_id = ways_up.span_id
),

{# What may tell the use of a call below it that tells none. #}
hosts as (
    select
        levelled_spans.trace_id,
        levelled_spans.span_id,
        coalesce(levelled_spans.role, '') = 'call' as is_call
    from levelled_spans
    inner join inner_spans
        on
            levelled_spans.trace_id = inner_spans.trace_id
            and levelled_spans.span_id = inner_spans.span_id
    where levelled_spans.level_verdict is null
),

host_traces as (
    select distinct trace_id from hosts
),

{# The way up from every such call; it ends even where ids run in a circle, because no row is there twice. #}
ways_to_hosts as (
    select
        levelled_spans.candidate_key,
        levelled_spans.trace_id,
        levelled_spans.parent_span_id as span_id,
        false as is_behind
    from levelled_spans
    inner join host_traces
        on levelled_spans.trace_id = host_traces.trace_id
    where
        not levelled_spans.has_usage
        and levelled_spans.level_verdict is null
        and levelled_spans.parent_span_id is not null

    union

    select
        ways_to_hosts.candidate_key,
        ways_to_hosts.trace_id,
        inner_spans.parent_span_id as span_id,
        ways_to_hosts.is_behind or coalesce(inner_spans.role, '') in ('parent', 'tool') as is_behind
    from ways_to_hosts
    inner join inner_spans
        on
            ways_to_hosts.trace_id = inner_spans.trace_id
            and ways_to_hosts.span_id = inner_spans.span_id
    where inner_spans.parent_span_id is not null
),

hosted_spans as (
    select distinct ways_to_hosts.candidate_key
    from ways_to_hosts
    inner join hosts
        on
            ways_to_hosts.trace_id = hosts.trace_id
            and ways_to_hosts.span_id = hosts.span_id
    where not hosts.is_call or not ways_to_hosts.is_behind
)

select
    levelled_spans.candidate_key,
    levelled_spans.trace_id,
    levelled_spans.span_id,
    levelled_spans.service_name,
    levelled_spans.session_id,
    levelled_spans.request_id,
    levelled_spans.attempt,
    levelled_spans.role,
    levelled_spans.has_usage,
    levelled_spans.happened_at,
    case
        when levelled_spans.level_verdict is not null then levelled_spans.level_verdict
        when hosted_spans.candidate_key is not null then 'told_above'
    end as left_out_because
from levelled_spans
left join hosted_spans
    on levelled_spans.candidate_key = hosted_spans.candidate_key
