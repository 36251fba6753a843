{{ config(enabled=var('github_delivery_enabled')) }}

{#
    One row per pull request: when it was ready, when a review was first asked for and given, and from when its cycle
    counts.

    A pull request that was opened as a draft is ready when it is first marked so; any other when it is opened. The first
    review is a person's other than its author's, from then on: Copilot's reviews and other bots' are none, nor is a look
    at a draft. It took from being ready, or from the first request where that came later and before the review. The cycle
    of an agent's draft counts from being ready, else from its first commit, because the agent works while it is a draft.
#}
with

pull_requests as (
    select * from {{ ref('int_delivery__github_pull_requests') }}
),

authorship as (
    select * from {{ ref('int_delivery__github_authorship') }}
),

commits as (
    select * from {{ ref('int_delivery__github_commits') }}
),

events as (
    select * from {{ ref('stg_github_delivery__timeline_events') }}
),

reviews as (
    select * from {{ ref('stg_github_delivery__reviews') }}
),

draft_events as (
    select
        report_load_key,
        number,
        event,
        row_number() over (
            partition by report_load_key, number
            order by occurred_at, event_ordinal
        ) as place
    from events
    where event in ('ready_for_review', 'convert_to_draft')
),

first_events as (
    select
        report_load_key,
        number,
        min(case when event = 'ready_for_review' then occurred_at end) as first_ready_at,
        min(case when event = 'review_requested' then occurred_at end) as first_requested_at
    from events
    group by report_load_key, number
),

merge_commits as (
    select
        report_load_key,
        number,
        commit_sha,
        row_number() over (
            partition by report_load_key, number
            order by event_ordinal desc nulls last
        ) as place
    from events
    where
        event = 'merged'
        and commit_sha is not null
),

first_commits as (
    select
        pull_request_key,
        min(committed_at) as first_commit_at
    from commits
    group by pull_request_key
),

readiness as (
    select
        pull_requests.report_load_key,
        pull_requests.number,
        pull_requests.pull_request_key,
        pull_requests.author_key,
        pull_requests.created_at,
        coalesce(
            draft_events.event = 'ready_for_review',
            pull_requests.is_draft and draft_events.event is null,
            false
        ) as is_opened_as_draft,
        first_events.first_ready_at,
        first_events.first_requested_at
    from pull_requests
    left join draft_events
        on
            pull_requests.report_load_key = draft_events.report_load_key
            and pull_requests.number = draft_events.number
            and draft_events.place = 1
    left join first_events
        on
            pull_requests.report_load_key = first_events.report_load_key
            and pull_requests.number = first_events.number
),

ready as (
    select
        *,
        case when is_opened_as_draft then first_ready_at else created_at end as ready_at
    from readiness
),

first_reviews as (
    select
        ready.pull_request_key,
        min(reviews.submitted_at) as first_review_at
    from ready
    inner join reviews
        on
            ready.report_load_key = reviews.report_load_key
            and ready.number = reviews.number
            and ready.ready_at <= reviews.submitted_at
    where
        reviews.reviewer_kind = 'user'
        and reviews.state <> 'PENDING'
        and (ready.author_key is null or reviews.reviewer_key <> ready.author_key)
    group by ready.pull_request_key
)

select
    ready.pull_request_key,
    ready.is_opened_as_draft,
    ready.ready_at,
    ready.first_requested_at as first_review_requested_at,
    first_reviews.first_review_at,
    case
        when first_reviews.first_review_at is null then null
        when
            ready.first_requested_at > ready.ready_at
            and ready.first_requested_at <= first_reviews.first_review_at
            then ready.first_requested_at
        else ready.ready_at
    end as review_started_at,
    merge_commits.commit_sha as merged_event_sha,
    case
        when ready.is_opened_as_draft and authorship.authorship = 'agent_authored'
            then coalesce(ready.ready_at, first_commits.first_commit_at, ready.created_at)
        else ready.created_at
    end as cycle_started_at
from ready
inner join authorship
    on ready.pull_request_key = authorship.pull_request_key
left join first_commits
    on ready.pull_request_key = first_commits.pull_request_key
left join first_reviews
    on ready.pull_request_key = first_reviews.pull_request_key
left join merge_commits
    on
        ready.report_load_key = merge_commits.report_load_key
        and ready.number = merge_commits.number
        and merge_commits.place = 1
