{#
    One row per task that was tried again and again and left nothing that anybody accepted: it failed, was abandoned, or no
    pull request came of it for days_until_abandoned days. What is not known to have failed is left out.
#}
with

tasks as (
    select * from {{ ref('int_tasks__task_costs') }}
),

rules as (
    select * from {{ ref('burn_pattern_rules') }}
    where pattern = 'retries_without_acceptance'
)

select
    cast({{ dbt.date_trunc('week', 'tasks.last_call_date') }} as date) as iso_week,
    tasks.workflow_id,
    case
        when tasks.pull_request_key is not null
            then {{ dbt.split_part('tasks.pull_request_key', "'#'", 1) }}
    end as repository,
    tasks.task_id as evidence_id,
    tasks.session_id,
    tasks.pull_request_key,
    cast(null as {{ dbt.type_string() }}) as model_key,
    cast(null as {{ dbt.type_string() }}) as compared_with,
    tasks.ended_at as happened_at,
    tasks.retries as quantity,
    tasks.cost_usd as estimated_spend_usd
from tasks
cross join rules
where
    tasks.retries >= rules.size_limit
    and (
        tasks.outcome in ('failed', 'abandoned')
        or (
            not tasks.is_attributed
            and tasks.outcome = 'unknown'
            and {{ days_between('tasks.last_call_date', as_of_date()) }}
            >= {{ var('days_until_abandoned') }}
        )
    )
