{# One row per decision on an invoice; rows of the input with a mistake are left out. #}
with

input_rows as (
    select * from {{ ref('int_finance__dispute_decisions_rows') }}
),

input_problems as (
    select * from {{ ref('int_finance__input_problems') }}
    where input = 'dispute_decisions'
)

select
    issuer,
    invoice_id,
    decision,
    {{ as_amount('amount') }} as amount,
    currency,
    decided_by,
    {{ as_day('decided_on') }} as decided_on,
    reason,
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
