{# One row per decision on a task; rows of the input with a mistake are left out. #}
with

input_rows as (
    select * from {{ ref('int_finance__task_outcomes_rows') }}
),

input_problems as (
    select * from {{ ref('int_finance__input_problems') }}
    where input = 'task_outcomes'
)

select
    workflow_id,
    task_id,
    outcome,
    {{ as_day('decided_on') }} as decided_on,
    evidence,
    decided_by,
    source_file,
    line_number
from input_rows
where not exists (
    select 1
    from input_problems
    where
        input_rows.source_file = input_problems.source_file
        and input_rows.line_number = input_problems.line_number
)
