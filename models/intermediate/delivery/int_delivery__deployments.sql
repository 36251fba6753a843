{{ config(materialized='table') }}

{#
    One row per repository and deployment: how it ended, whether it failed, and when it was made good.

    A deployment to production failed where it ended in failure or error, where an incident of yours names it, or where a
    pull request that it brought there was taken back afterwards. An incident's end makes it good, else the next success
    in the same environment (that which takes the change back).
#}
{% if var('github_delivery_enabled') %}
with

deployments as (
    select * from {{ ref('int_delivery__github_deployments') }}
),

rollouts as (
    select * from {{ ref('int_delivery__github_rollouts') }}
),

reverts as (
    select * from {{ ref('int_delivery__github_reverts') }}
    where reverted_at is not null
),

pull_requests as (
    select * from {{ ref('int_delivery__github_pull_requests') }}
),

milestones as (
    select * from {{ ref('int_delivery__github_milestones') }}
),

incidents as (
    select * from {{ ref('int_finance__incidents') }}
),

incident_failures as (
    select
        repository,
        deployment_id,
        min(opened_at) as opened_at,
        case when count(resolved_at) = count(*) then max(resolved_at) end as resolved_at
    from incidents
    where deployment_id is not null
    group by repository, deployment_id
),

revert_failures as (
    select
        pull_requests.repository,
        rollouts.deployment_id,
        min(reverts.reverted_at) as reverted_at
    from rollouts
    inner join reverts
        on
            rollouts.pull_request_key = reverts.reverted_pull_request_key
            and rollouts.deployed_at <= reverts.reverted_at
    inner join pull_requests
        on rollouts.pull_request_key = pull_requests.pull_request_key
    group by pull_requests.repository, rollouts.deployment_id
),

{# A commit is deployed by whose pull request it merged. #}
merged_changes as (
    select
        pull_requests.repository,
        lower(coalesce(milestones.merged_event_sha, pull_requests.merge_commit_sha)) as sha,
        min({{ binary_order('pull_requests.pull_request_key') }}) as pull_request_key
    from pull_requests
    inner join milestones
        on pull_requests.pull_request_key = milestones.pull_request_key
    where pull_requests.merged_at is not null
    group by
        pull_requests.repository,
        lower(coalesce(milestones.merged_event_sha, pull_requests.merge_commit_sha))
),

judged as (
    select
        deployments.*,
        merged_changes.pull_request_key,
        case
            when not deployments.is_production then null
            when deployments.final_state in ('failure', 'error') then 'status'
            when incident_failures.opened_at is not null then 'incident'
            when revert_failures.reverted_at is not null then 'reverted'
        end as failure_evidence,
        incident_failures.opened_at,
        incident_failures.resolved_at,
        revert_failures.reverted_at
    from deployments
    left join incident_failures
        on
            deployments.repository = incident_failures.repository
            and deployments.deployment_id = incident_failures.deployment_id
    left join revert_failures
        on
            deployments.repository = revert_failures.repository
            and deployments.deployment_id = revert_failures.deployment_id
    left join merged_changes
        on
            deployments.repository = merged_changes.repository
            and deployments.sha = merged_changes.sha
),

{# From when a later success makes good: of a change taken back, from when it was. #}
failures as (
    select
        *,
        case failure_evidence
            when 'reverted' then reverted_at
            else finished_at
        end as mendable_from
    from judged
    where failure_evidence is not null
),

successes as (
    select
        failures.repository,
        failures.deployment_id,
        min(later.finished_at) as next_success_at
    from failures
    inner join judged as later
        on
            failures.repository = later.repository
            and coalesce(failures.environment, '') = coalesce(later.environment, '')
            and failures.deployment_id <> later.deployment_id
            and later.is_production
            and later.final_state = 'success'
            and failures.mendable_from < later.finished_at
    group by failures.repository, failures.deployment_id
)

select
    judged.repository,
    judged.deployment_id,
    judged.deployment_source,
    judged.sha,
    judged.ref,
    judged.environment,
    judged.is_production,
    judged.created_at,
    judged.final_state,
    judged.finished_at,
    judged.pull_request_key,
    judged.failure_evidence is not null as is_failed,
    judged.failure_evidence,
    case
        when judged.failure_evidence is null then null
        else coalesce(judged.opened_at, judged.finished_at)
    end as failed_at,
    case
        when judged.failure_evidence is null then null
        {# An incident that lasts is not made good by another deployment. #}
        when judged.opened_at is not null then judged.resolved_at
        else successes.next_success_at
    end as restored_at
from judged
left join successes
    on
        judged.repository = successes.repository
        and judged.deployment_id = successes.deployment_id
{% else %}
select
    cast(null as {{ dbt.type_string() }}) as repository,
    cast(null as bigint) as deployment_id,
    cast(null as {{ dbt.type_string() }}) as deployment_source,
    cast(null as {{ dbt.type_string() }}) as sha,
    cast(null as {{ dbt.type_string() }}) as ref,
    cast(null as {{ dbt.type_string() }}) as environment,
    cast(null as boolean) as is_production,
    cast(null as {{ dbt.type_timestamp() }}) as created_at,
    cast(null as {{ dbt.type_string() }}) as final_state,
    cast(null as {{ dbt.type_timestamp() }}) as finished_at,
    cast(null as {{ dbt.type_string() }}) as pull_request_key,
    cast(null as boolean) as is_failed,
    cast(null as {{ dbt.type_string() }}) as failure_evidence,
    cast(null as {{ dbt.type_timestamp() }}) as failed_at,
    cast(null as {{ dbt.type_timestamp() }}) as restored_at
where 1 = 0
{% endif %}
