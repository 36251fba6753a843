{{ config(enabled=var('github_delivery_enabled')) }}

{#
    One row per task of a Copilot agent and session in it, as last read, with the pull request that it worked on: the one
    that the task names, else the newest of its branch that was opened no earlier than a day before the task; and with
    the person who gave it.
#}
with

tasks as (
    select * from {{ ref('stg_github_delivery__agent_tasks') }}
),

sessions as (
    select * from {{ ref('stg_github_delivery__agent_sessions') }}
),

repositories as (
    select * from {{ ref('int_delivery__github_repositories') }}
),

pull_requests as (
    select * from {{ ref('int_delivery__github_pull_requests') }}
),

github_persons as (
    select * from {{ ref('int_delivery__github_persons') }}
),

readings as (
    select
        *,
        row_number() over (
            partition by account_id, task_id
            order by updated_at desc nulls last, {{ binary_order('report_load_key') }}
        ) as age
    from tasks
),

candidates as (
    select
        readings.account_id,
        readings.task_id,
        pull_requests.pull_request_key,
        pull_requests.number,
        row_number() over (
            partition by readings.account_id, readings.task_id
            order by
                case when pull_requests.number = readings.pull_request_number then 0 else 1 end,
                case
                    when pull_requests.pull_request_id = readings.pull_request_id then 0
                    else 1
                end,
                pull_requests.created_at desc nulls last,
                pull_requests.number desc nulls last
        ) as candidate
    from readings
    inner join pull_requests
        on
            readings.account_id = pull_requests.account_id
            and (
                readings.pull_request_number = pull_requests.number
                or readings.pull_request_id = pull_requests.pull_request_id
                or (
                    readings.pull_request_number is null
                    and readings.pull_request_id is null
                    and readings.head_ref = pull_requests.head_ref
                    and not pull_requests.is_from_default_branch
                    and pull_requests.created_at
                    >= {{ dbt.dateadd('day', -1, 'readings.created_at') }}
                )
            )
    where readings.age = 1
)

select
    repositories.repository,
    readings.task_id,
    sessions.session_id,
    candidates.pull_request_key,
    candidates.number,
    readings.creator_key,
    coalesce(github_persons.person_key, readings.creator_key) as person_key,
    sessions.state,
    sessions.created_at,
    sessions.completed_at,
    sessions.model,
    coalesce(sessions.head_ref, readings.head_ref) as head_ref,
    sessions.ai_credits,
    sessions.premium_requests,
    sessions.error_type
from readings
inner join sessions
    on
        readings.report_load_key = sessions.report_load_key
        and readings.task_id = sessions.task_id
inner join repositories
    on readings.account_id = repositories.account_id
left join github_persons
    on readings.creator_key = github_persons.identifier_key
left join candidates
    on
        readings.account_id = candidates.account_id
        and readings.task_id = candidates.task_id
        and candidates.candidate = 1
where readings.age = 1
