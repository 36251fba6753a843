{{ config(materialized='table') }}

{#
    One row per candidate, with the verdict whether it is a model call or tells again what another one tells. One level
    of a trace counts: the one nearest to the model.

    Spans, in this order. server_side: the other side of a call that the client tells, by the request. same_request: the
    same attempt of a request told twice by one side. child_usage: a span below tells the use, so an agent's total or a
    turn's is left out; a call itself only for a span that lies directly in it, not behind a tool or another agent.
    told_above: tells no use, and an agent above whose total counts does, or it lies directly in a call that counts.
    Where a span on the way up was not delivered, its branch lies below the only root of its service, if one tells use.

    Events. told_by_events: Gemini CLI logs a call by its own name and by the conventions', and its own tells more.
    event_of_span: a span tells the call, by the request, else by the span that the event names; the span takes
    the event's cost. same_request as above. told_by_spans: the event names no request that a span could have, and spans
    of its service tell use in the same trace or session.
#}
with recursive

candidates as (
    select * from {{ ref('int_tasks__call_candidates') }}
),

inner_spans as (
    select * from {{ ref('int_tasks__inner_spans') }}
),

span_candidates as (
    select
        *,
        coalesce(span_kind, '') = 'server' as is_server,
        case when has_usage then 1 else 0 end as usages,
        coalesce(attempt, 1) as attempt_number
    from candidates
    where call_source = 'span'
),

request_sides as (
    select
        request_id,
        max(case when is_server then 0 else 1 end) = 1 as has_client,
        max(case when is_server then 0 else usages end) = 1 as client_has_usage,
        max(case when is_server then usages else 0 end) = 1 as server_has_usage
    from span_candidates
    where request_id is not null
    group by request_id
),

{# A client that tells no use gives way to a server that does. #}
sided_spans as (
    select
        span_candidates.*,
        coalesce(
            case
                when span_candidates.is_server
                    then
                        request_sides.has_client
                        and (request_sides.client_has_usage or not span_candidates.has_usage)
                else request_sides.server_has_usage and not request_sides.client_has_usage
            end,
            false
        ) as is_other_side
    from span_candidates
    left join request_sides
        on span_candidates.request_id = request_sides.request_id
),

repeated_requests as (
    select
        trace_id,
        request_id,
        attempt_number,
        is_server
    from sided_spans
    where request_id is not null and not is_other_side
    group by trace_id, request_id, attempt_number, is_server
    having count(*) > 1
),

numbered_requests as (
    select
        sided_spans.candidate_key,
        row_number() over (
            partition by
                sided_spans.trace_id,
                sided_spans.request_id,
                sided_spans.attempt_number,
                sided_spans.is_server
            order by
                sided_spans.usages desc nulls last,
                sided_spans.happened_at,
                {{ binary_order('sided_spans.span_id') }}
        ) as telling
    from sided_spans
    inner join repeated_requests
        on
            sided_spans.trace_id = repeated_requests.trace_id
            and sided_spans.request_id = repeated_requests.request_id
            and sided_spans.attempt_number = repeated_requests.attempt_number
            and sided_spans.is_server = repeated_requests.is_server
    where not sided_spans.is_other_side
),

told_again as (
    select candidate_key from numbered_requests
    where telling > 1
),

single_spans as (
    select sided_spans.*
    from sided_spans
    left join told_again
        on sided_spans.candidate_key = told_again.candidate_key
    where not sided_spans.is_other_side and told_again.candidate_key is null
),

{# The way up from every span that tells use; is_behind: a tool or an agent lies between. Ends even where ids run in a
   circle, because no row is there twice. #}
spans_above as (
    select
        trace_id,
        coalesce(service_name, '') as service_name,
        parent_span_id as span_id,
        coalesce(role, '') = 'parent' as is_behind
    from single_spans
    where has_usage and parent_span_id is not null

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

{# Of several roots nobody knows which one a branch was cut from. #}
only_roots as (
    select
        trace_id,
        coalesce(service_name, '') as service_name,
        min(span_id) as span_id
    from single_spans
    where has_usage and role = 'parent' and parent_span_id is null
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
),

repeating_spans as (
    select
        trace_id,
        span_id,
        max(case when is_behind then 0 else 1 end) = 1 as holds_directly
    from ways_up
    group by trace_id, span_id
),

levelled_spans as (
    select
        single_spans.*,
        repeating_spans.span_id is not null
        and (coalesce(single_spans.role, '') <> 'call' or repeating_spans.holds_directly)
            as repeats_children
    from single_spans
    left join repeating_spans
        on
            single_spans.trace_id = repeating_spans.trace_id
            and single_spans.span_id = repeating_spans.span_id
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
    where not levelled_spans.repeats_children
),

host_traces as (
    select distinct trace_id from hosts
),

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
        and not levelled_spans.repeats_children
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
),

judged_spans as (
    select
        sided_spans.*,
        case
            when sided_spans.is_other_side then 'server_side'
            when told_again.candidate_key is not null then 'same_request'
            when levelled_spans.repeats_children then 'child_usage'
            when hosted_spans.candidate_key is not null then 'told_above'
        end as left_out_because
    from sided_spans
    left join told_again
        on sided_spans.candidate_key = told_again.candidate_key
    left join levelled_spans
        on sided_spans.candidate_key = levelled_spans.candidate_key
    left join hosted_spans
        on sided_spans.candidate_key = hosted_spans.candidate_key
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
        judged_spans.candidate_key as span_key,
        judged_spans.left_out_because,
        judged_spans.role as span_role,
        judged_spans.happened_at,
        1 as strength
    from matchable_events
    inner join judged_spans
        on
            matchable_events.request_id = judged_spans.request_id
            and coalesce(matchable_events.attempt, judged_spans.attempt, 1)
            = coalesce(judged_spans.attempt, matchable_events.attempt, 1)
            and coalesce(matchable_events.session_id, judged_spans.session_id, '')
            = coalesce(judged_spans.session_id, matchable_events.session_id, '')

    union all

    select
        matchable_events.candidate_key,
        matchable_events.event_key,
        matchable_events.has_cost,
        matchable_events.event_sequence,
        judged_spans.candidate_key as span_key,
        judged_spans.left_out_because,
        judged_spans.role as span_role,
        judged_spans.happened_at,
        2 as strength
    from matchable_events
    inner join judged_spans
        on
            matchable_events.trace_id = judged_spans.trace_id
            and matchable_events.span_id = judged_spans.span_id
            and (matchable_events.request_id is null or judged_spans.request_id is null)
),

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
        span_key,
        event_key,
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
    from judged_spans
    where has_usage
    group by trace_id, coalesce(service_name, '')
),

telling_sessions as (
    select
        session_id,
        coalesce(service_name, '') as service_name,
        count(request_id) as requests
    from judged_spans
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
),

judged_events as (
    select
        own_events.candidate_key,
        own_events.call_source,
        own_events.trace_id,
        own_events.span_id,
        own_events.event_key,
        case
            when own_events.left_out_because is not null then own_events.left_out_because
            when repeated_events.telling > 1 then 'same_request'
        end as left_out_because
    from own_events
    left join repeated_events
        on own_events.candidate_key = repeated_events.candidate_key
)

select
    judged_spans.candidate_key,
    judged_spans.call_source,
    judged_spans.trace_id,
    judged_spans.span_id,
    taken_events.event_key,
    judged_spans.left_out_because is null as is_counted,
    judged_spans.left_out_because
from judged_spans
left join taken_events
    on
        judged_spans.candidate_key = taken_events.span_key
        and taken_events.choice = 1

union all

select
    candidate_key,
    call_source,
    trace_id,
    span_id,
    event_key,
    left_out_because is null as is_counted,
    left_out_because
from judged_events
