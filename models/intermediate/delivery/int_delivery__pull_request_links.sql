{{ config(materialized='table') }}

{#
    One row per pull request and thing by which a session may be found: a commit of it, its branch, an address, a
    session's id.

    The merge commit is none: later sessions start on it. Nor is a branch that is the repository's default one. Checkpoints
    and git-ai notes are followed to the session that they name, because traces know no checkpoints.
#}
{% if var('github_delivery_enabled') %}
with

pull_requests as (
    select * from {{ ref('int_delivery__github_pull_requests') }}
),

commits as (
    select * from {{ ref('int_delivery__github_commits') }}
),

notes as (
    select * from {{ ref('int_delivery__github_notes') }}
),

agent_sessions as (
    select * from {{ ref('int_delivery__github_agent_sessions') }}
),

trailers as (
    select * from {{ ref('stg_github_delivery__commit_trailers') }}
    where trailer_value is not null
),

checkpoints as (
    select distinct
        account_id,
        checkpoint_id,
        session_id
    from {{ ref('stg_github_delivery__checkpoints') }}
    where session_id is not null
),

trailers_of_now as (
    select
        pull_requests.account_id,
        pull_requests.pull_request_key,
        trailers.trailer_key,
        trailers.trailer_value
    from pull_requests
    inner join trailers
        on
            pull_requests.report_load_key = trailers.report_load_key
            and pull_requests.number = trailers.number
),

links as (
    select pull_request_key, 'commit_sha' as link_kind, lower(sha) as link_value
    from commits

    union

    select pull_request_key, 'commit_sha' as link_kind, lower(head_sha) as link_value
    from pull_requests

    union

    select pull_request_key, 'branch' as link_kind, head_ref as link_value
    from pull_requests
    where not is_from_default_branch

    union

    select
        pull_request_key,
        'change_number' as link_kind,
        cast(number as {{ dbt.type_string() }}) as link_value
    from pull_requests

    union

    select
        pull_request_key,
        'session_url' as link_kind,
        {{ json_array_texts('session_urls') }} as link_value
    from pull_requests

    union

    select pull_request_key, 'session_url' as link_kind, trailer_value as link_value
    from trailers_of_now
    where trailer_key in ('claude-session', 'agent-logs-url')

    union

    select
        pull_request_key,
        'session_id' as link_kind,
        {{ undated_session_id('trailer_value') }} as link_value
    from trailers_of_now
    where trailer_key = 'entire-session'

    union

    select
        trailers_of_now.pull_request_key,
        'checkpoint_id' as link_kind,
        {{ undated_session_id('checkpoints.session_id') }} as link_value
    from trailers_of_now
    inner join checkpoints
        on
            trailers_of_now.account_id = checkpoints.account_id
            and trailers_of_now.trailer_value = checkpoints.checkpoint_id
    where trailers_of_now.trailer_key = 'entire-checkpoint'

    union

    select
        pull_request_key,
        'git_note_session' as link_kind,
        {{ undated_session_id('session_id') }} as link_value
    from notes

    union

    select
        pull_request_key,
        'agent_session' as link_kind,
        {{ undated_session_id('session_id') }} as link_value
    from agent_sessions
    where pull_request_key is not null
)

select
    pull_requests.repository,
    pull_requests.number,
    links.link_kind,
    links.link_value,
    links.pull_request_key
from links
inner join pull_requests
    on links.pull_request_key = pull_requests.pull_request_key
where links.link_value is not null
{% else %}
select
    cast(null as {{ dbt.type_string() }}) as repository,
    cast(null as bigint) as number,
    cast(null as {{ dbt.type_string() }}) as link_kind,
    cast(null as {{ dbt.type_string() }}) as link_value,
    cast(null as {{ dbt.type_string() }}) as pull_request_key
where 1 = 0
{% endif %}
