{{ config(materialized='table') }}

{#
    One row per session and pull request that something connects, with the strongest evidence for it.

    A change that the trace names, or a session that the pull request's data name, connects them whenever it was. A commit
    or a branch is only where the session happened to stand: it connects as long as the pull request was not finished
    before the session came there, and a branch only from 21 days before the pull request was opened. Of several pull
    requests of one branch it is the first that was still open. A branch on which all work ends up never connects.
#}
with

parts as (
    select * from {{ ref('int_tasks__session_parts') }}
),

pull_requests as (
    select
        *,
        coalesce(merged_at, closed_at) as finished_at
    from {{ ref('int_delivery__pull_requests') }}
),

links as (
    select * from {{ ref('int_delivery__pull_request_links') }}
),

places as (
    select
        session_id,
        lower(repository) as repository,
        branch,
        lower(commit_sha) as commit_sha,
        min(started_at) as started_at,
        max(ended_at) as ended_at
    from parts
    group by session_id, lower(repository), branch, lower(commit_sha)
),

changes as (
    select distinct
        session_id,
        {{ change_key('repository', 'change_id') }} as change_key
    from parts
    where change_id is not null
),

session_addresses as (
    select distinct
        session_id,
        {{ bare_address('session_url') }} as address
    from parts
    where session_url is not null
),

{# What the data of a pull request may call a session: its id, or the end of its address. #}
session_names as (
    select distinct
        session_id,
        {{ undated_session_id('session_id') }} as session_name
    from parts

    union

    select
        session_id,
        {{ last_of_address('address') }} as session_name
    from session_addresses
    where length({{ last_of_address('address') }}) >= 8
),

named_sessions as (
    select
        pull_request_key,
        link_value as session_name,
        case link_kind
            when 'checkpoint_id' then 'checkpoint'
            when 'git_note_session' then 'git_note'
            else 'agent_session'
        end as evidence
    from links
    where link_kind in ('session_id', 'agent_session', 'checkpoint_id', 'git_note_session')

    union

    select
        pull_request_key,
        {{ undated_session_id(last_of_address(bare_address('link_value'))) }} as session_name,
        'session_url' as evidence
    from links
    where link_kind = 'session_url'
),

{# Pull requests of a branch that a session may have worked on, the first one that was still open first. #}
branch_candidates as (
    select
        places.session_id,
        pull_requests.pull_request_key,
        row_number() over (
            partition by
                places.session_id, places.repository, places.branch, places.commit_sha
            order by pull_requests.created_at, pull_requests.number
        ) as candidate
    from places
    inner join links
        on
            links.link_kind = 'branch'
            and places.branch = links.link_value
            and places.repository = lower(links.repository)
    inner join pull_requests
        on links.pull_request_key = pull_requests.pull_request_key
    where
        not {{ is_long_lived_branch('places.branch') }}
        and (
            pull_requests.finished_at is null
            or pull_requests.finished_at >= places.started_at
        )
        and places.ended_at >= {{ dbt.dateadd('day', -21, 'pull_requests.created_at') }}
),

found as (
    select
        changes.session_id,
        coalesce(pull_requests.pull_request_key, changes.change_key) as pull_request_key,
        'change_id' as evidence
    from changes
    left join pull_requests
        on changes.change_key = lower(pull_requests.pull_request_key)
    where changes.change_key is not null

    union

    select
        session_addresses.session_id,
        links.pull_request_key,
        'session_url' as evidence
    from session_addresses
    inner join links
        on
            links.link_kind = 'session_url'
            and session_addresses.address = {{ bare_address('links.link_value') }}

    union

    select
        session_names.session_id,
        named_sessions.pull_request_key,
        named_sessions.evidence
    from session_names
    inner join named_sessions
        on session_names.session_name = named_sessions.session_name

    union

    select
        places.session_id,
        links.pull_request_key,
        'commit_sha' as evidence
    from places
    inner join links
        on
            links.link_kind = 'commit_sha'
            and places.commit_sha = lower(links.link_value)
    left join pull_requests
        on links.pull_request_key = pull_requests.pull_request_key
    where
        (places.repository is null or places.repository = lower(links.repository))
        and (
            pull_requests.finished_at is null
            or pull_requests.finished_at >= places.started_at
        )

    union

    select
        session_id,
        pull_request_key,
        'branch' as evidence
    from branch_candidates
    where candidate = 1
),

ordered as (
    select
        session_id,
        pull_request_key,
        evidence,
        case evidence
            when 'change_id' then 1
            when 'session_url' then 2
            when 'agent_session' then 3
            when 'checkpoint' then 4
            when 'git_note' then 5
            when 'commit_sha' then 6
            else 7
        end as evidence_order,
        cast(case evidence
            when 'change_id' then '1'
            when 'session_url' then '0.95'
            when 'agent_session' then '0.95'
            when 'checkpoint' then '0.95'
            when 'git_note' then '0.95'
            when 'commit_sha' then '0.9'
            else '0.6'
        end as decimal(38, 9)) as confidence
    from found
),

pairs as (
    select
        session_id,
        pull_request_key,
        min(evidence_order) as evidence_order,
        max(confidence) as confidence,
        {{ dbt.listagg('evidence', "', '", 'order by evidence_order') }} as all_evidence
    from ordered
    group by session_id, pull_request_key
)

select
    pairs.session_id,
    pairs.pull_request_key,
    ordered.evidence,
    pairs.confidence,
    pairs.all_evidence,
    pull_requests.pull_request_key is not null as is_known,
    pairs.confidence = max(pairs.confidence) over (partition by pairs.session_id) as is_used
from pairs
inner join ordered
    on
        pairs.session_id = ordered.session_id
        and pairs.pull_request_key = ordered.pull_request_key
        and pairs.evidence_order = ordered.evidence_order
left join pull_requests
    on pairs.pull_request_key = pull_requests.pull_request_key
