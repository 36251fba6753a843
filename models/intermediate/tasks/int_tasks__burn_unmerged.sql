{#
    One row per task with a large output that was never merged: its change was closed, or left open for so long that it
    counts as abandoned. A change that is still under way is left out. The output of a session of several tasks is split
    over them like its cost.
#}
with

tasks as (
    select * from {{ ref('int_tasks__task_costs') }}
    where
        outcome in ('failed', 'abandoned')
        and outcome_evidence in ('pull_request', 'change_state', 'open_pull_request')
),

shares as (
    select * from {{ ref('int_tasks__task_shares') }}
),

parts as (
    select * from {{ ref('int_tasks__session_parts') }}
),

rules as (
    select * from {{ ref('burn_pattern_rules') }}
    where pattern = 'large_output_unmerged'
),

outputs as (
    select
        tasks.workflow_id,
        tasks.task_id,
        min({{ binary_order('parts.repository') }}) as repository,
        cast(
            sum(
                case
                    when shares.pull_request_key is null and parts.task_hint is not null
                        then {{ money('parts.output_tokens') }}
                    else {{ proportion(
                        money('parts.output_tokens'), '1', 'shares.tasks_of_session'
                    ) }}
                end
            ) as bigint
        ) as output_tokens
    from tasks
    inner join shares
        on
            tasks.workflow_id = shares.workflow_id
            and tasks.task_id = shares.task_id
    inner join parts
        on
            shares.workflow_id = parts.workflow_id
            and shares.session_id = parts.session_id
            and (
                shares.pull_request_key is not null
                or shares.tasks_of_session = 1
                or coalesce(parts.task_hint, shares.task_id) = shares.task_id
            )
    group by tasks.workflow_id, tasks.task_id
)

select
    cast({{ dbt.date_trunc('week', 'tasks.last_call_date') }} as date) as iso_week,
    tasks.workflow_id,
    case
        when tasks.pull_request_key is not null
            then {{ dbt.split_part('tasks.pull_request_key', "'#'", 1) }}
        else outputs.repository
    end as repository,
    tasks.task_id as evidence_id,
    tasks.session_id,
    tasks.pull_request_key,
    cast(null as {{ dbt.type_string() }}) as model_key,
    cast(null as {{ dbt.type_string() }}) as compared_with,
    tasks.ended_at as happened_at,
    outputs.output_tokens as quantity,
    tasks.cost_usd as estimated_spend_usd
from tasks
inner join outputs
    on
        tasks.workflow_id = outputs.workflow_id
        and tasks.task_id = outputs.task_id
cross join rules
where outputs.output_tokens >= rules.size_limit
