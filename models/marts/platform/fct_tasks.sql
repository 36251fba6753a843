{#
    One row per workflow and task: the sessions that worked on it, what they cost, and what became of it. Known costs of
    all tasks add up to those of all model calls, because a session that several tasks share is split and never repeated.
    A task whose cost nobody knows has none: that is not zero.
#}
with

outcomes as (
    select * from {{ ref('int_tasks__outcomes') }}
),

shares as (
    select * from {{ ref('int_tasks__task_shares') }}
),

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

workflows as (
    select * from {{ ref('int_finance__workflows') }}
),

worked_on as (
    select
        shares.workflow_id,
        shares.task_id,
        min(shares.pull_request_key) as pull_request_key,
        min(case when shares.is_attributed then 1 else 0 end) = 1 as is_attributed,
        min(shares.unattributed_reason) as unattributed_reason,
        min({{ binary_order('sessions.repository') }}) as repository,
        min({{ binary_order('sessions.issue_id') }}) as issue_id,
        min(shares.started_at) as started_at,
        max(shares.ended_at) as ended_at,
        max(shares.last_call_date) as last_call_date,
        count(*) as sessions,
        cast(sum(shares.model_calls) as bigint) as model_calls,
        cast(sum(shares.priced_calls) as bigint) as priced_calls,
        cast(sum(shares.retries) as bigint) as retries,
        cast(sum(shares.suspicious_calls) as bigint) as suspicious_calls,
        sum(shares.session_model_calls) as all_model_calls,
        sum(shares.session_priced_calls) as all_priced_calls,
        {{ money('sum(shares.share_cost_usd)') }} as cost_usd,
        min(shares.lowest_cost_basis) as lowest_cost_basis,
        max(shares.highest_cost_basis) as highest_cost_basis
    from shares
    inner join sessions
        on shares.session_id = sessions.session_id
    group by shares.workflow_id, shares.task_id
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

{# The pull request of a task that is none itself, where its sessions are linked to one alone. #}
task_links as (
    select
        shares.workflow_id,
        shares.task_id,
        min(links.pull_request_key) as pull_request_key
    from shares
    inner join links
        on shares.session_id = links.session_id
    group by shares.workflow_id, shares.task_id
    having count(distinct links.pull_request_key) = 1
)

select
    outcomes.workflow_id,
    outcomes.task_id,
    workflows.owner,
    workflows.task_class,
    coalesce(worked_on.is_attributed, true) as is_attributed,
    worked_on.unattributed_reason,
    coalesce(pull_requests.repository, worked_on.repository) as repository,
    coalesce(worked_on.pull_request_key, task_links.pull_request_key) as pull_request_key,
    coalesce(worked_on.issue_id, pull_request_issues.issue_key) as issue_key,
    worked_on.started_at,
    worked_on.ended_at,
    cast({{ dbt.date_trunc(
        'week', 'coalesce(worked_on.last_call_date, cast(outcomes.outcome_at as date))'
    ) }} as date) as iso_week,
    coalesce(worked_on.sessions, 0) as sessions,
    coalesce(worked_on.model_calls, 0) as model_calls,
    coalesce(worked_on.priced_calls, 0) as priced_calls,
    coalesce(worked_on.suspicious_calls, 0) as suspicious_calls,
    worked_on.cost_usd,
    {{ cost_basis_of('worked_on.lowest_cost_basis', 'worked_on.highest_cost_basis') }}
        as cost_basis,
    {{ proportion(money('1'), 'worked_on.all_priced_calls', 'worked_on.all_model_calls') }}
        as cost_coverage,
    outcomes.outcome,
    outcomes.outcome_evidence,
    outcomes.outcome_at,
    coalesce(worked_on.retries, 0) as retries,
    case when outcomes.outcome = 'completed' then workflows.minutes_saved end as minutes_saved
from outcomes
left join worked_on
    on
        outcomes.workflow_id = worked_on.workflow_id
        and outcomes.task_id = worked_on.task_id
left join task_links
    on
        outcomes.workflow_id = task_links.workflow_id
        and outcomes.task_id = task_links.task_id
left join pull_requests
    on
        coalesce(worked_on.pull_request_key, task_links.pull_request_key)
        = pull_requests.pull_request_key
left join pull_request_issues
    on
        coalesce(worked_on.pull_request_key, task_links.pull_request_key)
        = pull_request_issues.pull_request_key
        and pull_request_issues.issue_order = 1
left join workflows
    on outcomes.workflow_id = workflows.workflow_id
