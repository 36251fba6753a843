{# The parts of a linked session's cost add up to it, to the last billionth. One row per session where they do not. #}
with

parts as (
    select
        session_id,
        sum(share_cost_usd) as share_cost_usd
    from {{ ref('int_delivery__pull_request_spend') }}
    group by session_id
),

sessions as (
    select * from {{ ref('int_tasks__sessions') }}
)

select
    parts.session_id,
    parts.share_cost_usd,
    sessions.cost_usd
from parts
inner join sessions
    on parts.session_id = sessions.session_id
where
    coalesce(parts.share_cost_usd, 0) <> coalesce(sessions.cost_usd, 0)
    or (parts.share_cost_usd is null) <> (sessions.cost_usd is null)
