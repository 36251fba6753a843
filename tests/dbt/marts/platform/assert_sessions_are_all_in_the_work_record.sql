{#
    The work record has every session that a model call names, with the calls' own totals: calls, known cost and minutes
    saved, each once.
#}
with

calls as (
    select
        session_id,
        count(*) as model_calls,
        sum(cost_usd) as cost_usd
    from {{ ref('fct_agent_calls') }}
    group by session_id
),

sessions as (
    select * from {{ ref('fct_agent_sessions') }}
),

minutes as (
    select
        (select coalesce(sum(minutes_saved), 0) from sessions) as of_sessions,
        (
            select coalesce(sum(minutes_saved), 0)
            from {{ ref('fct_tasks') }}
            where sessions > 0
        ) as of_tasks
)

select
    coalesce(calls.session_id, sessions.session_id) as subject,
    calls.cost_usd as expected,
    sessions.cost_usd as found
from calls
full outer join sessions
    on calls.session_id = sessions.session_id
where
    calls.session_id is null
    or sessions.session_id is null
    or calls.model_calls <> sessions.model_calls
    or (calls.cost_usd is null) <> (sessions.cost_usd is null)
    or calls.cost_usd <> sessions.cost_usd

union all

select
    'minutes_saved' as subject,
    of_tasks as expected,
    of_sessions as found
from minutes
where of_sessions <> of_tasks
