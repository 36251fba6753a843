{{ config(materialized='table') }}

{#
    One row per pull request, as last read: who wrote it, how long it took, whether it was taken back and when it reached
    production. See int_delivery__github_* for the rules.
#}
{% if var('github_delivery_enabled') %}
with

pull_requests as (
    select * from {{ ref('int_delivery__github_pull_requests') }}
),

authorship as (
    select * from {{ ref('int_delivery__github_authorship') }}
),

authors as (
    select * from {{ ref('int_delivery__github_authors') }}
),

milestones as (
    select * from {{ ref('int_delivery__github_milestones') }}
),

reverts as (
    select * from {{ ref('int_delivery__github_reverts') }}
),

reverted as (
    select
        reverted_pull_request_key,
        min(reverted_at) as reverted_at
    from reverts
    where reverted_at is not null
    group by reverted_pull_request_key
),

rollouts as (
    select * from {{ ref('int_delivery__github_rollouts') }}
),

timed as (
    select
        pull_requests.pull_request_key,
        {{ seconds_between('milestones.cycle_started_at', 'pull_requests.merged_at') }}
            as cycle_seconds,
        {{ seconds_between('milestones.review_started_at', 'milestones.first_review_at') }}
            as review_seconds
    from pull_requests
    inner join milestones
        on pull_requests.pull_request_key = milestones.pull_request_key
)

select
    pull_requests.repository,
    pull_requests.number,
    pull_requests.pull_request_key,
    pull_requests.state,
    pull_requests.is_draft,
    pull_requests.created_at,
    milestones.ready_at,
    milestones.first_review_requested_at,
    milestones.first_review_at,
    pull_requests.merged_at,
    pull_requests.closed_at,
    case
        when pull_requests.merged_at is not null
            then coalesce(milestones.merged_event_sha, pull_requests.merge_commit_sha)
    end as merge_commit_sha,
    pull_requests.head_ref,
    pull_requests.head_sha,
    pull_requests.base_ref,
    pull_requests.additions,
    pull_requests.deletions,
    pull_requests.changed_files,
    pull_requests.commits,
    pull_requests.labels,
    pull_requests.author_key,
    pull_requests.author_kind,
    authors.person_key as credited_person_key,
    authorship.authorship,
    authorship.agent,
    authorship.authorship_evidence,
    authorship.all_evidence,
    pull_requests.is_revert,
    reverts.reverted_pull_request_key,
    reverted.reverted_at is not null as is_reverted,
    reverted.reverted_at,
    authorship.human_commits_after_agent,
    milestones.cycle_started_at,
    timed.cycle_seconds,
    {{ in_minutes('timed.cycle_seconds') }} as cycle_minutes,
    timed.review_seconds,
    {{ in_minutes('timed.review_seconds') }} as review_minutes,
    rollouts.deployment_id,
    rollouts.deployed_at,
    authors.team_key
from pull_requests
inner join authorship
    on pull_requests.pull_request_key = authorship.pull_request_key
inner join milestones
    on pull_requests.pull_request_key = milestones.pull_request_key
inner join timed
    on pull_requests.pull_request_key = timed.pull_request_key
left join authors
    on pull_requests.pull_request_key = authors.pull_request_key
left join reverts
    on pull_requests.pull_request_key = reverts.pull_request_key
left join reverted
    on pull_requests.pull_request_key = reverted.reverted_pull_request_key
left join rollouts
    on pull_requests.pull_request_key = rollouts.pull_request_key
{% else %}
select
    cast(null as {{ dbt.type_string() }}) as repository,
    cast(null as bigint) as number,
    cast(null as {{ dbt.type_string() }}) as pull_request_key,
    cast(null as {{ dbt.type_string() }}) as state,
    cast(null as boolean) as is_draft,
    cast(null as {{ dbt.type_timestamp() }}) as created_at,
    cast(null as {{ dbt.type_timestamp() }}) as ready_at,
    cast(null as {{ dbt.type_timestamp() }}) as first_review_requested_at,
    cast(null as {{ dbt.type_timestamp() }}) as first_review_at,
    cast(null as {{ dbt.type_timestamp() }}) as merged_at,
    cast(null as {{ dbt.type_timestamp() }}) as closed_at,
    cast(null as {{ dbt.type_string() }}) as merge_commit_sha,
    cast(null as {{ dbt.type_string() }}) as head_ref,
    cast(null as {{ dbt.type_string() }}) as head_sha,
    cast(null as {{ dbt.type_string() }}) as base_ref,
    cast(null as bigint) as additions,
    cast(null as bigint) as deletions,
    cast(null as bigint) as changed_files,
    cast(null as bigint) as commits,
    cast(null as {{ dbt.type_string() }}) as labels,
    cast(null as {{ dbt.type_string() }}) as author_key,
    cast(null as {{ dbt.type_string() }}) as author_kind,
    cast(null as {{ dbt.type_string() }}) as credited_person_key,
    cast(null as {{ dbt.type_string() }}) as authorship,
    cast(null as {{ dbt.type_string() }}) as agent,
    cast(null as {{ dbt.type_string() }}) as authorship_evidence,
    cast(null as {{ dbt.type_string() }}) as all_evidence,
    cast(null as boolean) as is_revert,
    cast(null as {{ dbt.type_string() }}) as reverted_pull_request_key,
    cast(null as boolean) as is_reverted,
    cast(null as {{ dbt.type_timestamp() }}) as reverted_at,
    cast(null as bigint) as human_commits_after_agent,
    cast(null as {{ dbt.type_timestamp() }}) as cycle_started_at,
    cast(null as bigint) as cycle_seconds,
    cast(null as decimal(38, 9)) as cycle_minutes,
    cast(null as bigint) as review_seconds,
    cast(null as decimal(38, 9)) as review_minutes,
    cast(null as bigint) as deployment_id,
    cast(null as {{ dbt.type_timestamp() }}) as deployed_at,
    cast(null as {{ dbt.type_string() }}) as team_key
where 1 = 0
{% endif %}
