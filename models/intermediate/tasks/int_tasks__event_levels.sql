{{ config(materialized='table') }}

{#
    One row per event that may be a model call, with the reason where it is none, and the span that takes its cost.

    told_by_events: Gemini CLI logs a call by its own name and by the conventions', and its own tells more. event_of_span: a
    span tells the call, by the request, else by the span that the event names; a span that counts takes the event's cost,
    of several events one, but an agent's total takes none. told_by_spans: the event names no request that a span could
    have, and spans of its service tell use in the same trace or session. same_request: another event tells the request.
#}
with

candidates as (
    select * from {{ ref('int_tasks__call_candidates') }}
),

spans as (
    select * from {{ ref('int_tasks__span_levels') }}
),

gemini_sessions as (
    select distinct
        session_id,
        coalesce(service_name, '') as service_name
    from candidates
    where
        event_name in ('gemini_cli.api_response', 'gemini_cli.api_error')
        and session_id is not null
),

event_candidates as (
    select
        candidates.*,
        gemini_sessions.session_id is not null as is_told_by_events
    from candidates
    left join gemini_sessions
        on
            candidates.event_name = 'gen_ai.client.inference.operation.details'
            and candidates.session_id = gemini_sessions.session_id
            and coalesce(candidates.service_name, '') = gemini_sessions.service_name
    where candidates.call_source = 'event'
),

matchable_events as (
    select * from event_candidates
    where not is_told_by_events
),

event_matches as (
    select
        matchable_events.candidate_key,
        matchable_events.event_key,
        matchable_events.has_cost,
        matchable_events.event_sequence,
        spans.candidate_key as span_key,
        spans.left_out_because,
        spans.role as span_role,
        spans.happened_at,
        1 as strength
    from matchable_events
    inner join spans
        on
            matchable_events.request_id = spans.request_id
            and coalesce(matchable_events.attempt, spans.attempt, 1)
            = coalesce(spans.attempt, matchable_events.attempt, 1)
            and coalesce(matchable_events.session_id, spans.session_id, '')
            = coalesce(spans.session_id, matchable_events.session_id, '')

    union all

    select
        matchable_events.candidate_key,
        matchable_events.event_key,
        matchable_events.has_cost,
        matchable_events.event_sequence,
        spans.candidate_key as span_key,
        spans.left_out_because,
        spans.role as span_role,
        spans.happened_at,
        2 as strength
    from matchable_events
    inner join spans
        on
            matchable_events.trace_id = spans.trace_id
            and matchable_events.span_id = spans.span_id
            and (matchable_events.request_id is null or spans.request_id is null)
),

{# Of several spans the one that counts; the request says more than the span's id. #}
ordered_matches as (
    select
        *,
        row_number() over (
            partition by candidate_key
            order by
                case when left_out_because is null then 0 else 1 end,
                strength,
                happened_at,
                {{ binary_order('span_key') }}
        ) as choice
    from event_matches
),

{# An agent's total is no call: it takes no single event's cost. #}
taken_events as (
    select
        candidate_key,
        span_key,
        row_number() over (
            partition by span_key
            order by
                case when has_cost then 0 else 1 end,
                event_sequence desc nulls last,
                {{ binary_order('event_key') }}
        ) as choice
    from ordered_matches
    where
        choice = 1
        and left_out_because is null
        and coalesce(span_role, '') <> 'parent'
),

telling_traces as (
    select
        trace_id,
        coalesce(service_name, '') as service_name,
        count(request_id) as requests
    from spans
    where has_usage
    group by trace_id, coalesce(service_name, '')
),

telling_sessions as (
    select
        session_id,
        coalesce(service_name, '') as service_name,
        count(request_id) as requests
    from spans
    where has_usage and session_id is not null
    group by session_id, coalesce(service_name, '')
),

own_events as (
    select
        event_candidates.*,
        case
            when event_candidates.is_told_by_events then 'told_by_events'
            when ordered_matches.candidate_key is not null then 'event_of_span'
            when
                telling_traces.requests is not null
                and (event_candidates.request_id is null or telling_traces.requests = 0)
                then 'told_by_spans'
            when
                telling_sessions.requests is not null
                and (event_candidates.request_id is null or telling_sessions.requests = 0)
                then 'told_by_spans'
        end as left_out_because
    from event_candidates
    left join ordered_matches
        on
            event_candidates.candidate_key = ordered_matches.candidate_key
            and ordered_matches.choice = 1
    left join telling_traces
        on
            event_candidates.trace_id = telling_traces.trace_id
            and coalesce(event_candidates.service_name, '') = telling_traces.service_name
    left join telling_sessions
        on
            event_candidates.session_id = telling_sessions.session_id
            and coalesce(event_candidates.service_name, '') = telling_sessions.service_name
),

repeated_events as (
    select
        candidate_key,
        row_number() over (
            partition by
                coalesce(service_name, ''),
                coalesce(session_id, ''),
                request_id,
                coalesce(attempt, 1),
                role
            order by
                case when has_usage then 0 else 1 end,
                case when has_cost then 0 else 1 end,
                event_sequence desc nulls last,
                {{ binary_order('event_key') }}
        ) as telling
    from own_events
    where request_id is not null and left_out_because is null
)

select
    own_events.candidate_key,
    own_events.trace_id,
    own_events.span_id,
    own_events.event_key,
    taken_events.span_key as taken_by,
    case
        when own_events.left_out_because is not null then own_events.left_out_because
        when repeated_events.telling > 1 then 'same_request'
    end as left_out_because
from own_events
left join repeated_events
    on own_events.candidate_key = repeated_events.candidate_key
left join taken_events
    on
        own_events.candidate_key = taken_events.candidate_key
        and taken_events.choice = 1
