{# One row per workflow; rows of the input with a mistake are left out. #}
with

input_rows as (
    select * from {{ ref('int_finance__workflows_rows') }}
),

input_problems as (
    select * from {{ ref('int_finance__input_problems') }}
    where input = 'workflows'
)

select
    workflow_id,
    service_name,
    agent_name,
    repository,
    owner,
    task_class,
    completed_when,
    {{ as_amount('minutes_saved') }} as minutes_saved,
    coalesce(is_protected = 'yes', false) as is_protected,
    note,
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
