{{ config(materialized='table') }}

{#
    One row per span that may be a model call, with whether another span tells the same request.

    server_side: the other side of a call that the client tells, by the request, in whatever trace. same_request: the same
    attempt of a request told twice by one side in one trace. Nothing is left out that names no request.
#}
with

candidates as (
    select * from {{ ref('int_tasks__call_candidates') }}
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
)

select
    sided_spans.candidate_key,
    sided_spans.trace_id,
    sided_spans.span_id,
    sided_spans.parent_span_id,
    sided_spans.service_name,
    sided_spans.session_id,
    sided_spans.request_id,
    sided_spans.attempt,
    sided_spans.role,
    sided_spans.has_usage,
    sided_spans.happened_at,
    case
        when sided_spans.is_other_side then 'server_side'
        when numbered_requests.telling > 1 then 'same_request'
    end as left_out_because
from sided_spans
left join numbered_requests
    on sided_spans.candidate_key = numbered_requests.candidate_key
