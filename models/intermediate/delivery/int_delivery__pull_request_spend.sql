{#
    One row per session and pull request that it is linked to by its strongest evidence, with the even part of the
    session's cost that is the pull request's. What the division leaves is with the last by name, so that the parts of a
    session add up to its cost. A session whose cost is not known has none, which is not zero.
#}
with

links as (
    select * from {{ ref('int_tasks__session_links') }}
    where is_used
),

sessions as (
    select * from {{ ref('int_tasks__sessions') }}
),

counted as (
    select
        session_id,
        pull_request_key,
        count(*) over (partition by session_id) as pull_requests_of_session,
        row_number() over (
            partition by session_id
            order by {{ binary_order('pull_request_key') }}
        ) as place
    from links
),

shares as (
    select
        counted.*,
        sessions.last_call_date,
        sessions.model_calls,
        sessions.priced_calls,
        sessions.cost_usd,
        {{ proportion('sessions.cost_usd', '1', 'counted.pull_requests_of_session') }}
            as even_cost_usd
    from counted
    inner join sessions
        on counted.session_id = sessions.session_id
)

select
    session_id,
    pull_request_key,
    pull_requests_of_session,
    last_call_date,
    model_calls,
    priced_calls,
    case
        when place < pull_requests_of_session then even_cost_usd
        else {{ money('cost_usd - even_cost_usd * (pull_requests_of_session - 1)') }}
    end as share_cost_usd
from shares
