{#
    One row per kind of fact and fact of delivery: a merged pull request, a part of an agent's session, a deployment to
    production, a failure there, or a session of Copilot's cloud agent, with its week (UTC), its team, and the person whose
    change it is, else who asked for the session. A team that is not known is unattributed:<reason>.
#}
{% set week_of = "cast(" ~ dbt.date_trunc('week', '{}') ~ " as date)" %}
with

pull_requests as (
    select
        *,
        coalesce(
            team_key,
            case
                when credited_person_key is null then 'unattributed:unknown_user'
                else 'unattributed:unmapped_team'
            end
        ) as own_team_key
    from {{ ref('int_delivery__pull_requests') }}
),

spend as (
    select * from {{ ref('int_delivery__pull_request_spend') }}
),

deployments as (
    select * from {{ ref('int_delivery__deployments') }}
    where
        is_production
        and final_state is not null
),

failures as (
    select * from {{ ref('int_delivery__failures') }}
    where failed_at is not null
),

agent_sessions as (
    select * from {{ ref('int_delivery__agent_sessions') }}
    where created_at is not null
),

linked as (
    select distinct pull_request_key from spend
)

select
    'merged_pull_request' as fact_kind,
    pull_requests.pull_request_key as fact_key,
    {{ week_of.format('pull_requests.merged_at') }} as iso_week,
    pull_requests.own_team_key as team_key,
    pull_requests.repository,
    pull_requests.credited_person_key as person_key,
    pull_requests.authorship,
    pull_requests.is_reverted,
    linked.pull_request_key is not null as has_session,
    pull_requests.cycle_seconds,
    pull_requests.review_seconds,
    cast(null as boolean) as is_failed,
    cast(null as bigint) as seconds_to_restore,
    cast(null as decimal(38, 9)) as ai_credits,
    cast(null as decimal(38, 9)) as premium_requests,
    cast(null as {{ dbt.type_string() }}) as session_id,
    cast(null as bigint) as model_calls,
    cast(null as bigint) as priced_calls,
    cast(null as decimal(38, 9)) as share_cost_usd
from pull_requests
left join linked
    on pull_requests.pull_request_key = linked.pull_request_key
where pull_requests.merged_at is not null

union all

select
    'spend' as fact_kind,
    spend.session_id || '|' || spend.pull_request_key as fact_key,
    {{ week_of.format('spend.last_call_date') }} as iso_week,
    pull_requests.own_team_key as team_key,
    pull_requests.repository,
    pull_requests.credited_person_key as person_key,
    null as authorship,
    null as is_reverted,
    null as has_session,
    null as cycle_seconds,
    null as review_seconds,
    null as is_failed,
    null as seconds_to_restore,
    null as ai_credits,
    null as premium_requests,
    spend.session_id,
    spend.model_calls,
    spend.priced_calls,
    spend.share_cost_usd
from spend
inner join pull_requests
    on spend.pull_request_key = pull_requests.pull_request_key

union all

select
    'deployment' as fact_kind,
    deployments.repository || '|'
    || cast(deployments.deployment_id as {{ dbt.type_string() }}) as fact_key,
    {{ week_of.format('deployments.finished_at') }} as iso_week,
    coalesce(pull_requests.own_team_key, 'unattributed:no_pull_request') as team_key,
    deployments.repository,
    pull_requests.credited_person_key as person_key,
    null as authorship,
    null as is_reverted,
    null as has_session,
    null as cycle_seconds,
    null as review_seconds,
    deployments.is_failed,
    null as seconds_to_restore,
    null as ai_credits,
    null as premium_requests,
    null as session_id,
    null as model_calls,
    null as priced_calls,
    null as share_cost_usd
from deployments
left join pull_requests
    on deployments.pull_request_key = pull_requests.pull_request_key

union all

select
    'failure' as fact_kind,
    failures.repository || '|' || failures.failure_key as fact_key,
    {{ week_of.format('failures.failed_at') }} as iso_week,
    coalesce(pull_requests.own_team_key, 'unattributed:no_pull_request') as team_key,
    failures.repository,
    pull_requests.credited_person_key as person_key,
    null as authorship,
    null as is_reverted,
    null as has_session,
    null as cycle_seconds,
    null as review_seconds,
    null as is_failed,
    failures.seconds_to_restore,
    null as ai_credits,
    null as premium_requests,
    null as session_id,
    null as model_calls,
    null as priced_calls,
    null as share_cost_usd
from failures
left join pull_requests
    on failures.pull_request_key = pull_requests.pull_request_key

union all

select
    'cloud_agent_session' as fact_kind,
    agent_sessions.repository || '|' || agent_sessions.task_id || '|'
    || agent_sessions.session_id as fact_key,
    {{ week_of.format('agent_sessions.created_at') }} as iso_week,
    coalesce(pull_requests.own_team_key, 'unattributed:no_pull_request') as team_key,
    agent_sessions.repository,
    coalesce(pull_requests.credited_person_key, agent_sessions.person_key) as person_key,
    null as authorship,
    null as is_reverted,
    null as has_session,
    null as cycle_seconds,
    null as review_seconds,
    null as is_failed,
    null as seconds_to_restore,
    agent_sessions.ai_credits,
    agent_sessions.premium_requests,
    null as session_id,
    null as model_calls,
    null as priced_calls,
    null as share_cost_usd
from agent_sessions
left join pull_requests
    on agent_sessions.pull_request_key = pull_requests.pull_request_key
