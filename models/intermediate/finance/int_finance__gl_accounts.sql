{# One row per purpose; rows of the input with a mistake are left out. #}
with

input_rows as (
    select * from {{ ref('int_finance__gl_accounts_rows') }}
),

input_problems as (
    select * from {{ ref('int_finance__input_problems') }}
    where input = 'gl_accounts'
)

select
    purpose,
    gl_account,
    name as gl_account_name,
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
