{#
    One row per week, team and repository: what was merged, deployed and made good, and what agents' work on its pull
    requests was known to cost in that week. The two stand beside each other; neither says that one caused the other.

    A session counts once for the calls of a row, however many of its pull requests stand in it. A median of fewer than
    three, or of one person alone, would tell of these and is not shown.
#}
{% set smallest_median = 3 %}
with

facts as (
    select
        *,
        row_number() over (
            partition by iso_week, shown_team_key, repository, session_id
            order by {{ binary_order('fact_key') }}
        ) = 1 as is_first_share
    from {{ ref('int_delivery__weekly_groups') }}
    where is_shown
),

counted as (
    select
        iso_week,
        shown_team_key as team_key,
        repository,
        count(case when fact_kind = 'merged_pull_request' then 1 end) as merged_pull_requests,
        count(case when authorship = 'agent_authored' then 1 end) as agent_authored_pull_requests,
        count(case when authorship = 'agent_assisted' then 1 end) as agent_assisted_pull_requests,
        count(case when authorship = 'human' then 1 end) as human_pull_requests,
        count(case when authorship = 'unknown' then 1 end) as unknown_authorship_pull_requests,
        count(case when is_reverted then 1 end) as reverted_pull_requests,
        count(cycle_seconds) as cycle_pull_requests,
        count(distinct case when cycle_seconds is not null then person_key end) as cycle_persons,
        {{ median_of('cycle_seconds') }} as cycle_seconds_median,
        count(review_seconds) as reviewed_pull_requests,
        count(distinct case when review_seconds is not null then person_key end) as review_persons,
        {{ median_of('review_seconds') }} as review_seconds_median,
        count(case when fact_kind = 'deployment' then 1 end) as deployments,
        count(case when is_failed then 1 end) as failed_deployments,
        count(case when fact_kind = 'failure' then 1 end) as failures,
        count(seconds_to_restore) as restored_failures,
        count(distinct case when seconds_to_restore is not null then person_key end)
            as restored_persons,
        {{ median_of('seconds_to_restore') }} as seconds_to_restore_median,
        {{ money('sum(ai_credits)') }} as cloud_agent_credits,
        {{ money('sum(premium_requests)') }} as cloud_agent_premium_requests,
        count(distinct session_id) as sessions,
        cast(coalesce(sum(case when is_first_share then model_calls end), 0) as bigint)
            as model_calls,
        cast(coalesce(sum(case when is_first_share then priced_calls end), 0) as bigint)
            as priced_calls,
        {{ money('sum(share_cost_usd)') }} as agent_spend_usd,
        count(case when authorship in ('agent_authored', 'agent_assisted') then 1 end)
            as agent_pull_requests,
        count(
            case when authorship in ('agent_authored', 'agent_assisted') and has_session then 1 end
        ) as linked_agent_pull_requests
    from facts
    group by iso_week, shown_team_key, repository
),

covered as (
    select
        *,
        {{ proportion('1', 'priced_calls', 'model_calls') }} as cost_coverage,
        {{ proportion('1', 'linked_agent_pull_requests', 'agent_pull_requests') }} as link_coverage
    from counted
),

judged as (
    select
        *,
        case
            when merged_pull_requests = 0 then 'no_merged_pull_request'
            when model_calls = 0 then 'no_linked_session'
            when
                agent_spend_usd is null
                or cost_coverage < {{ var('task_coverage_threshold') }}
                then 'cost_coverage_below_threshold'
            when link_coverage < {{ var('task_coverage_threshold') }}
                then 'link_coverage_below_threshold'
        end as null_reason
    from covered
)

select
    iso_week,
    team_key,
    repository,
    merged_pull_requests,
    agent_authored_pull_requests,
    agent_assisted_pull_requests,
    human_pull_requests,
    unknown_authorship_pull_requests,
    reverted_pull_requests,
    cycle_pull_requests,
    case
        when cycle_pull_requests >= {{ smallest_median }} and cycle_persons <> 1
            then {{ in_minutes('cycle_seconds_median') }}
    end as cycle_minutes_median,
    reviewed_pull_requests,
    case
        when reviewed_pull_requests >= {{ smallest_median }} and review_persons <> 1
            then {{ in_minutes('review_seconds_median') }}
    end as review_minutes_median,
    deployments,
    failed_deployments,
    {{ proportion('1', 'failed_deployments', 'deployments') }} as change_failure_rate,
    failures,
    restored_failures,
    case
        when restored_failures >= {{ smallest_median }} and restored_persons <> 1
            then {{ in_minutes('seconds_to_restore_median') }}
    end as time_to_restore_minutes_median,
    cloud_agent_credits,
    cloud_agent_premium_requests,
    sessions,
    model_calls,
    priced_calls,
    agent_spend_usd,
    cost_coverage,
    link_coverage,
    case
        when null_reason is null
            then {{ proportion('agent_spend_usd', '1', 'merged_pull_requests') }}
    end as cost_per_merged_change,
    null_reason
from judged
