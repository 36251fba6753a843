{{ config(materialized='table', enabled=var('github_delivery_enabled')) }}

{#
    One row per pull request: whether an agent wrote it, helped with it, or neither, and how that is known.

    Signs, strongest first: an agent's account opened it; a Copilot agent's task names it; its branch is one that an agent
    makes; an agent's account wrote a commit; a commit bears an agent's trailer, or that of a kept session; a git-ai note
    tells of one; its description bears an agent's signature. The first three, and a first commit that is an agent's, make
    an agent its author; any other makes it one that an agent helped with. A description alone would miss most of them.
#}
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

accounts as (
    select * from {{ ref('delivery_agents') }}
    where signal = 'author_login'
),

branches as (
    select * from {{ ref('delivery_agents') }}
    where signal = 'branch_prefix'
),

first_commits as (
    select
        pull_request_key,
        min(ordinal) as ordinal
    from commits
    group by pull_request_key
),

body_signals as (
    select
        pull_request_key,
        {{ json_array_texts('body_signals') }} as agent
    from pull_requests
),

signs as (
    select
        pull_requests.pull_request_key,
        1 as strength,
        'author' as sign,
        accounts.agent,
        true as is_authored,
        0 as place
    from pull_requests
    inner join accounts
        on lower(pull_requests.author_bot_login) = accounts.pattern

    union all

    select
        pull_request_key,
        2 as strength,
        'agent_task' as sign,
        'copilot_cloud_agent' as agent,
        true as is_authored,
        0 as place
    from agent_sessions
    where pull_request_key is not null

    union all

    select
        pull_requests.pull_request_key,
        3 as strength,
        'branch' as sign,
        branches.agent,
        true as is_authored,
        0 as place
    from pull_requests
    inner join branches
        on position(branches.pattern in lower(pull_requests.head_ref)) = 1

    union all

    select
        commits.pull_request_key,
        case commits.agent_evidence
            when 'commit_author' then 4
            when 'commit_trailer' then 5
            else 6
        end as strength,
        commits.agent_evidence as sign,
        commits.agent,
        commits.is_agent_made and commits.ordinal = first_commits.ordinal as is_authored,
        commits.ordinal as place
    from commits
    inner join first_commits
        on commits.pull_request_key = first_commits.pull_request_key
    where commits.agent_evidence is not null

    union all

    select
        pull_request_key,
        7 as strength,
        'git_note' as sign,
        agent,
        false as is_authored,
        0 as place
    from notes

    union all

    select
        pull_request_key,
        8 as strength,
        'body' as sign,
        agent,
        false as is_authored,
        0 as place
    from body_signals
),

{# A sign counts once; of several agents by one sign the first in the order of commits, then of names. #}
signs_once as (
    select
        pull_request_key,
        strength,
        sign,
        agent,
        max(case when is_authored then 1 else 0 end) over (
            partition by pull_request_key
        ) as is_authored,
        row_number() over (
            partition by pull_request_key, strength
            order by place, {{ binary_order('agent') }} nulls last
        ) as choice
    from signs
),

chosen as (
    select
        pull_request_key,
        max(is_authored) as is_authored,
        min(strength) as strength,
        min(case when agent is not null then strength end) as agent_strength,
        {{ dbt.listagg('sign', "', '", 'order by strength') }} as all_evidence
    from signs_once
    where choice = 1
    group by pull_request_key
),

agent_commits as (
    select
        pull_request_key,
        min(ordinal) as first_ordinal
    from commits
    where agent_evidence is not null
    group by pull_request_key
),

human_commits as (
    select
        commits.pull_request_key,
        count(*) as human_commits
    from commits
    inner join agent_commits
        on
            commits.pull_request_key = agent_commits.pull_request_key
            and commits.ordinal > agent_commits.first_ordinal
    where commits.is_human_made
    group by commits.pull_request_key
),

requesters as (
    select
        pull_request_key,
        requester_key,
        row_number() over (partition by pull_request_key order by ordinal) as place
    from commits
    where requester_key is not null
),

task_creators as (
    select
        pull_request_key,
        min({{ binary_order('creator_key') }}) as creator_key
    from agent_sessions
    where pull_request_key is not null
    group by pull_request_key
)

select
    pull_requests.pull_request_key,
    case
        when chosen.is_authored = 1 then 'agent_authored'
        when chosen.is_authored = 0 then 'agent_assisted'
        when pull_requests.author_kind = 'user' then 'human'
        else 'unknown'
    end as authorship,
    agents.agent,
    evidence.sign as authorship_evidence,
    chosen.all_evidence,
    case
        when chosen.pull_request_key is null then 0
        when agent_commits.pull_request_key is not null
            then coalesce(human_commits.human_commits, 0)
    end as human_commits_after_agent,
    {# Whose change it is: the person who opened it, or who had an agent's account open it. #}
    case
        when pull_requests.author_kind = 'user' then pull_requests.author_key
        else coalesce(requesters.requester_key, task_creators.creator_key)
    end as credited_key
from pull_requests
left join chosen
    on pull_requests.pull_request_key = chosen.pull_request_key
left join signs_once as evidence
    on
        chosen.pull_request_key = evidence.pull_request_key
        and chosen.strength = evidence.strength
        and evidence.choice = 1
left join signs_once as agents
    on
        chosen.pull_request_key = agents.pull_request_key
        and chosen.agent_strength = agents.strength
        and agents.choice = 1
left join agent_commits
    on pull_requests.pull_request_key = agent_commits.pull_request_key
left join human_commits
    on pull_requests.pull_request_key = human_commits.pull_request_key
left join requesters
    on
        pull_requests.pull_request_key = requesters.pull_request_key
        and requesters.place = 1
left join task_creators
    on pull_requests.pull_request_key = task_creators.pull_request_key
