{{ config(enabled=var('github_delivery_enabled')) }}

{#
    One row per pull request and agent's session that a git-ai note on one of its commits names. A squash has a note of
    its own.
#}
with

notes as (
    select * from {{ ref('stg_github_delivery__commit_notes') }}
),

pull_requests as (
    select * from {{ ref('int_delivery__github_pull_requests') }}
),

commits as (
    select * from {{ ref('int_delivery__github_commits') }}
),

repositories as (
    select * from {{ ref('int_delivery__github_repositories') }}
),

tools as (
    select * from {{ ref('delivery_agents') }}
    where signal = 'note_tool'
),

shas as (
    select repository, pull_request_key, sha from commits
    union
    select repository, pull_request_key, head_sha as sha from pull_requests
    union
    select repository, pull_request_key, merge_commit_sha as sha from pull_requests
)

select
    shas.repository,
    shas.pull_request_key,
    notes.session_id,
    min({{ binary_order('coalesce(tools.agent, lower(notes.tool))') }}) as agent
from notes
inner join repositories
    on notes.account_id = repositories.account_id
inner join shas
    on
        repositories.repository = shas.repository
        and notes.sha = shas.sha
left join tools
    on lower(notes.tool) = tools.pattern
group by
    shas.repository,
    shas.pull_request_key,
    notes.session_id
