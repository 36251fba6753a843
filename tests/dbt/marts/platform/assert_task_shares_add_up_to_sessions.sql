{#
    Every session's cost is all on tasks and on tasks once: its shares add up to it to the last decimal, and are unknown
    where it is. Its calls stand with tasks once each.
#}
with

sessions as (
    select * from {{ ref('int_tasks__sessions') }}
),

shares as (
    select
        session_id,
        sum(share_cost_usd) as share_cost_usd,
        sum(model_calls) as model_calls,
        sum(priced_calls) as priced_calls,
        sum(retries) as retries
    from {{ ref('int_tasks__task_shares') }}
    group by session_id
)

select
    sessions.session_id,
    sessions.cost_usd,
    shares.share_cost_usd
from sessions
left join shares
    on sessions.session_id = shares.session_id
where
    shares.session_id is null
    or (sessions.cost_usd is null) <> (shares.share_cost_usd is null)
    or sessions.cost_usd <> shares.share_cost_usd
    or sessions.model_calls <> shares.model_calls
    or sessions.priced_calls <> shares.priced_calls
    or sessions.retries <> shares.retries
