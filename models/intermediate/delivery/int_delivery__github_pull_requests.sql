{{ config(materialized='table', enabled=var('github_delivery_enabled')) }}

{#
    One row per pull request: its newest reading, under the repository's name of now. A pull request stands on each day on
    which it had last changed when it was read.
#}
with

pull_requests as (
    select * from {{ ref('stg_github_delivery__pull_requests') }}
),

repositories as (
    select * from {{ ref('int_delivery__github_repositories') }}
),

readings as (
    select
        *,
        row_number() over (
            partition by account_id, number
            order by updated_at desc nulls last, {{ binary_order('report_load_key') }}
        ) as age
    from pull_requests
)

select
    readings.report_load_key,
    readings.account_id,
    repositories.repository,
    readings.number,
    repositories.repository || '#' || cast(readings.number as {{ dbt.type_string() }})
        as pull_request_key,
    readings.pull_request_id,
    readings.author_key,
    readings.author_kind,
    readings.author_bot_login,
    readings.state,
    readings.is_draft,
    readings.created_at,
    readings.updated_at,
    readings.closed_at,
    readings.merged_at,
    case when readings.merged_at is not null then readings.merge_commit_sha end
        as merge_commit_sha,
    readings.head_ref,
    readings.head_sha,
    readings.base_ref,
    coalesce(readings.base_ref = repositories.default_branch, false) as is_to_default_branch,
    coalesce(readings.head_ref = repositories.default_branch, false) as is_from_default_branch,
    readings.additions,
    readings.deletions,
    readings.changed_files,
    readings.commits,
    readings.labels,
    readings.body_signals,
    readings.session_urls,
    readings.reverts_number,
    lower(readings.reverts_sha) as reverts_sha,
    coalesce(readings.is_revert, false) as is_revert
from readings
inner join repositories
    on readings.account_id = repositories.account_id
where readings.age = 1
