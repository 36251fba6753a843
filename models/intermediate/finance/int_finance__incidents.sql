{# One row per incident; rows of the input with a mistake are left out. #}
with

input_rows as (
    select * from {{ ref('int_finance__incidents_rows') }}
),

input_problems as (
    select * from {{ ref('int_finance__input_problems') }}
    where input = 'incidents'
)

select
    lower(repository) as repository,
    {{ as_moment('opened_at') }} as opened_at,
    {{ as_moment('resolved_at') }} as resolved_at,
    {{ as_whole('deployment_id') }} as deployment_id,
    severity,
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
