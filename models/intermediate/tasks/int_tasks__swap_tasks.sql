{#
    One row per swap and task of its days: on which side the task lies. A task that began before this swap, or before the
    one before it, and ended after it lies across. What ended before the one before it is no task of the swap.
#}
with

swaps as (
    select * from {{ ref('int_tasks__swaps') }}
),

tasks as (
    select * from {{ ref('int_tasks__task_costs') }}
    where is_attributed
)

select
    swaps.swap_key,
    swaps.swapped_on,
    tasks.workflow_id,
    tasks.task_id,
    case
        when tasks.started_at < swaps.previous_swapped_at then 'across'
        when tasks.ended_at < swaps.swapped_at then 'before'
        when tasks.started_at >= swaps.swapped_at then 'after'
        else 'across'
    end as side,
    tasks.cost_usd,
    tasks.outcome
from swaps
inner join tasks
    on
        swaps.workflow_id = tasks.workflow_id
        and tasks.last_call_date between swaps.before_from and swaps.after_to
        and tasks.ended_at >= coalesce(swaps.previous_swapped_at, tasks.ended_at)
