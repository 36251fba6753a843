{# One row per version of the rules and series; rows of the input with a mistake are left out. #}
with

input_rows as (
    select * from {{ ref('int_finance__allocation_rules_rows') }}
),

input_problems as (
    select * from {{ ref('int_finance__input_problems') }}
    where input = 'allocation_rules'
)

select
    rule_version,
    {{ as_day('valid_from') }} as valid_from,
    series,
    basis,
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
