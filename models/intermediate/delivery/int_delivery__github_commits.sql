{{ config(materialized='table', enabled=var('github_delivery_enabled')) }}

{#
    One row per pull request and commit, with the agent that made it or helped with it.

    An agent made a commit of which its account is the author, or which bears its trailer and is a bot's; it helped with a
    person's commit that bears its trailer. Trailers are read of each commit, because a squash may lose them. Who reviewed
    or reported a change has not written it.
#}
with

pull_requests as (
    select * from {{ ref('int_delivery__github_pull_requests') }}
),

commits as (
    select * from {{ ref('stg_github_delivery__pull_request_commits') }}
),

trailers as (
    select * from {{ ref('stg_github_delivery__commit_trailers') }}
),

accounts as (
    select * from {{ ref('delivery_agents') }}
    where signal = 'author_login'
),

trailers_of_work as (
    select pattern
    from {{ ref('delivery_agents') }}
    where signal = 'trailer'
),

told as (
    select
        report_load_key,
        number,
        sha,
        agent,
        row_number() over (partition by report_load_key, number, sha order by ordinal) as place
    from trailers
    where
        agent is not null
        and trailer_key in (select trailers_of_work.pattern from trailers_of_work)
),

{# The session that Entire kept: an agent worked on it, whichever it was. #}
checkpointed as (
    select distinct
        report_load_key,
        number,
        sha
    from trailers
    where
        trailer_key in ('entire-checkpoint', 'entire-session')
        and trailer_value is not null
),

{# A cloud agent names the person who asked for the work as a co-author. #}
co_authors as (
    select
        report_load_key,
        number,
        sha,
        person_key,
        row_number() over (partition by report_load_key, number, sha order by ordinal) as place
    from trailers
    where
        trailer_key = 'co-authored-by'
        and person_key is not null
)

select
    pull_requests.pull_request_key,
    pull_requests.repository,
    pull_requests.number,
    commits.sha,
    commits.ordinal,
    commits.committed_at,
    commits.author_key,
    commits.author_kind,
    coalesce(accounts.agent, told.agent) as agent,
    case
        when accounts.agent is not null then 'commit_author'
        when told.agent is not null then 'commit_trailer'
        when checkpointed.sha is not null then 'checkpoint'
    end as agent_evidence,
    accounts.agent is not null
    or (told.agent is not null and commits.author_kind in ('bot', 'app')) as is_agent_made,
    commits.author_kind in ('user', 'unknown')
    and accounts.agent is null
    and told.agent is null
    and checkpointed.sha is null as is_human_made,
    case
        when accounts.agent is not null or commits.author_kind in ('bot', 'app')
            then co_authors.person_key
    end as requester_key
from pull_requests
inner join commits
    on
        pull_requests.report_load_key = commits.report_load_key
        and pull_requests.number = commits.number
left join accounts
    on lower(commits.author_bot_login) = accounts.pattern
left join told
    on
        commits.report_load_key = told.report_load_key
        and commits.number = told.number
        and commits.sha = told.sha
        and told.place = 1
left join checkpointed
    on
        commits.report_load_key = checkpointed.report_load_key
        and commits.number = checkpointed.number
        and commits.sha = checkpointed.sha
left join co_authors
    on
        commits.report_load_key = co_authors.report_load_key
        and commits.number = co_authors.number
        and commits.sha = co_authors.sha
        and co_authors.place = 1
