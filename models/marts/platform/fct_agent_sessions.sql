{#
    One row per session of an agent: the cost line in the work record. It is about work and what it cost, never about a
    person's performance: principals are pseudonyms and nobody is ranked.
#}
with

sessions as (
    select * from {{ ref('int_tasks__sessions') }}
),

links as (
    select * from {{ ref('int_tasks__session_links') }}
    where is_used
),

pull_requests as (
    select * from {{ ref('int_delivery__pull_requests') }}
),

shares as (
    select * from {{ ref('int_tasks__task_shares') }}
),

outcomes as (
    select * from {{ ref('int_tasks__outcomes') }}
),

workflows as (
    select * from {{ ref('int_finance__workflows') }}
),

{# The issue that a pull request closes by a keyword, else the one that its branch is named after; the first by number. #}
pull_request_issues as (
    select
        pull_request_key,
        issue_key,
        row_number() over (
            partition by pull_request_key
            order by case when evidence = 'closing_keyword' then 0 else 1 end, issue_number
        ) as issue_order
    from {{ ref('int_delivery__pull_request_issues') }}
),

linked as (
    select
        links.session_id,
        links.pull_request_key,
        links.evidence,
        links.confidence,
        pull_requests.repository,
        count(*) over (partition by links.session_id) as pull_requests,
        sum(pull_requests.human_commits_after_agent) over (partition by links.session_id)
            as human_rewrites,
        row_number() over (
            partition by links.session_id
            order by
                case when pull_requests.merged_at is null then 1 else 0 end,
                pull_requests.merged_at,
                case when pull_requests.created_at is null then 1 else 0 end,
                pull_requests.created_at,
                {{ binary_order('links.pull_request_key') }}
        ) as link_number
    from links
    left join pull_requests
        on links.pull_request_key = pull_requests.pull_request_key
),

task_sessions as (
    select
        shares.session_id,
        outcomes.outcome,
        coalesce(outcomes.outcome_evidence, '') as outcome_evidence,
        case when outcomes.outcome = 'completed' then workflows.minutes_saved end as task_minutes,
        count(*) over (partition by shares.workflow_id, shares.task_id) as task_sessions,
        row_number() over (
            partition by shares.workflow_id, shares.task_id
            order by {{ binary_order('shares.session_id') }}
        ) as session_number
    from shares
    inner join outcomes
        on
            shares.workflow_id = outcomes.workflow_id
            and shares.task_id = outcomes.task_id
    left join workflows
        on shares.workflow_id = workflows.workflow_id
),

{# A task's minutes are split as a session's cost is: evenly, what the division leaves to the last. #}
minutes as (
    select
        *,
        {{ proportion('task_minutes', '1', 'task_sessions') }} as even_minutes
    from task_sessions
),

session_tasks as (
    select
        session_id,
        count(*) as tasks,
        case when min(outcome) = max(outcome) then min(outcome) else 'mixed' end as outcome,
        case
            when min(outcome_evidence) = max(outcome_evidence)
                then nullif(min(outcome_evidence), '')
            else 'mixed'
        end as outcome_evidence,
        {{ money(
            'sum(case when session_number < task_sessions then even_minutes'
            ~ ' else task_minutes - even_minutes * (task_sessions - 1) end)'
        ) }} as minutes_saved
    from minutes
    group by session_id
)

select
    sessions.session_id,
    'otel' as vendor,
    sessions.workflow_id,
    sessions.service_name,
    sessions.agent_name,
    sessions.principal_key,
    sessions.principal_kind,
    coalesce(sessions.repository, linked.repository) as repository,
    sessions.branch,
    coalesce(sessions.issue_id, pull_request_issues.issue_key) as issue_key,
    linked.pull_request_key,
    coalesce(linked.pull_requests, 0) as pull_requests,
    linked.evidence as link_evidence,
    linked.confidence as link_confidence,
    coalesce(sessions.logs_url, sessions.session_url) as logs_url,
    sessions.started_at,
    sessions.ended_at,
    {{ proportion(
        money(dbt.datediff('sessions.started_at', 'sessions.ended_at', 'second')), '1', '60'
    ) }}
        as duration_minutes,
    sessions.models,
    sessions.model_calls,
    sessions.failed_calls,
    sessions.retries,
    sessions.suspicious_calls,
    sessions.tool_calls,
    sessions.failed_tool_calls,
    sessions.test_runs,
    sessions.human_approvals,
    sessions.human_rejections,
    cast(linked.human_rewrites as bigint) as human_rewrites,
    sessions.input_uncached_tokens,
    sessions.cache_read_tokens,
    sessions.cache_write_5m_tokens,
    sessions.cache_write_1h_tokens,
    sessions.cache_write_tokens,
    sessions.output_tokens,
    sessions.reasoning_tokens,
    sessions.cost_usd,
    sessions.cost_basis,
    {{ proportion(money('1'), 'sessions.priced_calls', 'sessions.model_calls') }} as cost_coverage,
    session_tasks.tasks,
    session_tasks.outcome,
    session_tasks.outcome_evidence,
    session_tasks.minutes_saved
from sessions
inner join session_tasks
    on sessions.session_id = session_tasks.session_id
left join linked
    on
        sessions.session_id = linked.session_id
        and linked.link_number = 1
left join pull_request_issues
    on
        linked.pull_request_key = pull_request_issues.pull_request_key
        and pull_request_issues.issue_order = 1
