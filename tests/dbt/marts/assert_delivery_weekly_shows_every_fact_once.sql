{#
    What the mart shows and what it hides add up to every merged pull request, deployment, credit and part of a session:
    nothing is counted twice. So do they to what was shared out to the pull requests, but for those that were not read: a
    trace may name any. No kind of facts in a row is a single person's. One row per measure where this does not hold.
#}
with

weekly_facts as (
    select * from {{ ref('int_delivery__weekly_facts') }}
),

weekly_groups as (
    select * from {{ ref('int_delivery__weekly_groups') }}
),

delivery_weekly as (
    select * from {{ ref('fct_delivery_weekly') }}
),

pull_requests as (
    select * from {{ ref('int_delivery__pull_requests') }}
),

pull_request_spend as (
    select * from {{ ref('int_delivery__pull_request_spend') }}
),

shared_out as (
    select coalesce(sum(share_cost_usd), 0) as agent_spend_usd
    from pull_request_spend
    where pull_request_key in (select pull_requests.pull_request_key from pull_requests)
),

facts as (
    select
        count(case when fact_kind = 'merged_pull_request' then 1 end) as merged_pull_requests,
        count(case when fact_kind = 'deployment' then 1 end) as deployments,
        coalesce(sum(share_cost_usd), 0) as agent_spend_usd,
        coalesce(sum(ai_credits), 0) as cloud_agent_credits
    from weekly_facts
),

hidden as (
    select
        count(case when fact_kind = 'merged_pull_request' then 1 end) as merged_pull_requests,
        count(case when fact_kind = 'deployment' then 1 end) as deployments,
        coalesce(sum(share_cost_usd), 0) as agent_spend_usd,
        coalesce(sum(ai_credits), 0) as cloud_agent_credits
    from weekly_groups
    where not is_shown
),

shown as (
    select
        coalesce(sum(merged_pull_requests), 0) as merged_pull_requests,
        coalesce(sum(deployments), 0) as deployments,
        coalesce(sum(agent_spend_usd), 0) as agent_spend_usd,
        coalesce(sum(cloud_agent_credits), 0) as cloud_agent_credits
    from delivery_weekly
),

rows_of_one as (
    select
        iso_week,
        shown_team_key,
        repository
    from weekly_groups
    where is_shown
    group by
        iso_week,
        shown_team_key,
        repository,
        case when fact_kind = 'failure' then 'deployment' else fact_kind end
    having count(distinct person_key) = 1
)

{% set counts = ['merged_pull_requests', 'deployments'] %}
{% for measure in counts + ['agent_spend_usd', 'cloud_agent_credits'] %}
select '{{ measure }}' as measure
from facts
cross join hidden
cross join shown
where facts.{{ measure }} <> hidden.{{ measure }} + shown.{{ measure }}

union all

{% endfor %}
select 'agent_spend_usd of pull requests' as measure
from shared_out
cross join hidden
cross join shown
where shared_out.agent_spend_usd <> hidden.agent_spend_usd + shown.agent_spend_usd

union all

select 'rows of one person' as measure
from rows_of_one
