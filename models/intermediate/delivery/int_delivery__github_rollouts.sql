{{ config(enabled=var('github_delivery_enabled')) }}

{#
    One row per merged pull request that has reached production: its first deployment that succeeded. A deployment of a
    merge carries what was merged into the same branch before it, whether deployed alone or not.
#}
with

pull_requests as (
    select * from {{ ref('int_delivery__github_pull_requests') }}
),

milestones as (
    select * from {{ ref('int_delivery__github_milestones') }}
),

deployments as (
    select * from {{ ref('int_delivery__github_deployments') }}
    where
        is_production
        and final_state = 'success'
),

merged_changes as (
    select
        pull_requests.pull_request_key,
        pull_requests.repository,
        pull_requests.base_ref,
        pull_requests.merged_at,
        lower(coalesce(milestones.merged_event_sha, pull_requests.merge_commit_sha))
            as merge_commit_sha
    from pull_requests
    inner join milestones
        on pull_requests.pull_request_key = milestones.pull_request_key
    where pull_requests.merged_at is not null
),

deployed_merges as (
    select
        merged_changes.repository,
        merged_changes.base_ref,
        merged_changes.merged_at,
        deployments.deployment_id,
        deployments.finished_at
    from merged_changes
    inner join deployments
        on
            merged_changes.repository = deployments.repository
            and merged_changes.merge_commit_sha = deployments.sha
),

carriers as (
    select
        merged_changes.pull_request_key,
        deployed_merges.deployment_id,
        deployed_merges.finished_at,
        row_number() over (
            partition by merged_changes.pull_request_key
            order by deployed_merges.finished_at, deployed_merges.deployment_id
        ) as place
    from merged_changes
    inner join deployed_merges
        on
            merged_changes.repository = deployed_merges.repository
            and merged_changes.base_ref = deployed_merges.base_ref
            and merged_changes.merged_at <= deployed_merges.merged_at
            and merged_changes.merged_at <= deployed_merges.finished_at
)

select
    pull_request_key,
    deployment_id,
    finished_at as deployed_at
from carriers
where place = 1
