{{ config(enabled=var('github_delivery_enabled')) }}

{#
    One row per pull request that takes another back, with that one: by the number that it names, else by the commit,
    which is the other's merge, or one of its own. Short hashes count from seven characters.
#}
with

pull_requests as (
    select * from {{ ref('int_delivery__github_pull_requests') }}
),

milestones as (
    select * from {{ ref('int_delivery__github_milestones') }}
),

commits as (
    select * from {{ ref('int_delivery__github_commits') }}
),

shas as (
    select pull_request_key, repository, lower(merge_commit_sha) as sha
    from pull_requests
    where merge_commit_sha is not null

    union

    select
        pull_requests.pull_request_key,
        pull_requests.repository,
        lower(milestones.merged_event_sha) as sha
    from pull_requests
    inner join milestones
        on pull_requests.pull_request_key = milestones.pull_request_key
    where milestones.merged_event_sha is not null

    union

    select pull_request_key, repository, lower(sha) as sha
    from commits
),

candidates as (
    select
        reverting.pull_request_key,
        reverted.pull_request_key as reverted_pull_request_key,
        1 as strength
    from pull_requests as reverting
    inner join pull_requests as reverted
        on
            reverting.repository = reverted.repository
            and reverting.reverts_number = reverted.number
            and reverting.number <> reverted.number

    union all

    select
        reverting.pull_request_key,
        shas.pull_request_key as reverted_pull_request_key,
        2 as strength
    from pull_requests as reverting
    inner join shas
        on
            reverting.repository = shas.repository
            and length(reverting.reverts_sha) >= 7
            and reverting.reverts_sha = substring(shas.sha, 1, length(reverting.reverts_sha))
            and reverting.pull_request_key <> shas.pull_request_key
),

chosen as (
    select
        *,
        row_number() over (
            partition by pull_request_key
            order by strength, {{ binary_order('reverted_pull_request_key') }}
        ) as choice
    from candidates
)

select
    pull_requests.pull_request_key,
    chosen.reverted_pull_request_key,
    pull_requests.merged_at as reverted_at
from pull_requests
inner join chosen
    on
        pull_requests.pull_request_key = chosen.pull_request_key
        and chosen.choice = 1
where pull_requests.is_revert
