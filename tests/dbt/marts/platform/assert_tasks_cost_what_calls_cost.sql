{#
    Nothing is lost on the way from model calls to tasks and nothing is counted twice, whatever was joined between them: by
    workflow, calls and their known costs are the same in fct_agent_calls, in fct_tasks and in fct_cost_per_completed_task,
    where what is attributed to no task stands beside the rest.
#}
with

parts as (
    select
        'calls' as told_by,
        coalesce(workflow_id, 'unknown') as workflow_id,
        count(*) as model_calls,
        count(cost_usd) as priced_calls,
        coalesce(sum(cost_usd), 0) as known_cost_usd
    from {{ ref('fct_agent_calls') }}
    group by coalesce(workflow_id, 'unknown')

    union all

    select
        'tasks' as told_by,
        workflow_id,
        sum(model_calls) as model_calls,
        sum(priced_calls) as priced_calls,
        coalesce(sum(cost_usd), 0) as known_cost_usd
    from {{ ref('fct_tasks') }}
    group by workflow_id

    union all

    select
        'weeks' as told_by,
        workflow_id,
        sum(model_calls + unattributed_model_calls) as model_calls,
        sum(priced_calls + unattributed_priced_calls) as priced_calls,
        sum(coalesce(spend_usd, 0) + coalesce(unattributed_spend_usd, 0)) as known_cost_usd
    from {{ ref('fct_cost_per_completed_task') }}
    group by workflow_id
),

{# Workflows of the outcome file alone have tasks and no call. #}
sums as (
    select
        workflow_id,
        sum(case when told_by = 'calls' then model_calls else 0 end) as calls,
        sum(case when told_by = 'tasks' then model_calls else 0 end) as calls_of_tasks,
        sum(case when told_by = 'weeks' then model_calls else 0 end) as calls_of_weeks,
        sum(case when told_by = 'calls' then priced_calls else 0 end) as priced,
        sum(case when told_by = 'tasks' then priced_calls else 0 end) as priced_of_tasks,
        sum(case when told_by = 'weeks' then priced_calls else 0 end) as priced_of_weeks,
        sum(case when told_by = 'calls' then known_cost_usd else 0 end) as cost_of_calls_usd,
        sum(case when told_by = 'tasks' then known_cost_usd else 0 end) as cost_of_tasks_usd,
        sum(case when told_by = 'weeks' then known_cost_usd else 0 end) as cost_of_weeks_usd
    from parts
    group by workflow_id
)

select *
from sums
where
    calls <> calls_of_tasks
    or calls <> calls_of_weeks
    or priced <> priced_of_tasks
    or priced <> priced_of_weeks
    or cost_of_calls_usd <> cost_of_tasks_usd
    or cost_of_calls_usd <> cost_of_weeks_usd
