{#
    One row per workflow and task that your outcome file decides: the latest decision; of one day, what the file says last.
    Where tasks are pull requests, their names are in lower case, however your file writes them.
#}
with

task_outcomes as (
    select * from {{ ref('int_finance__task_outcomes') }}
),

workflows as (
    select * from {{ ref('int_finance__workflows') }}
),

decisions as (
    select
        task_outcomes.workflow_id,
        case
            when
                workflows.completed_when = 'pull_request_merged'
                and {{ matches_regex('task_outcomes.task_id', "'^[^/#]+/[^/#]+#[0-9]+$'") }}
                then lower(task_outcomes.task_id)
            else task_outcomes.task_id
        end as task_id,
        task_outcomes.outcome,
        task_outcomes.decided_on,
        task_outcomes.source_file,
        task_outcomes.line_number
    from task_outcomes
    left join workflows
        on task_outcomes.workflow_id = workflows.workflow_id
),

ordered_decisions as (
    select
        *,
        row_number() over (
            partition by workflow_id, task_id
            order by
                decided_on desc nulls last,
                {{ binary_order('source_file') }},
                line_number desc nulls last,
                outcome
        ) as decision
    from decisions
)

select
    workflow_id,
    task_id,
    outcome,
    decided_on
from ordered_decisions
where decision = 1
