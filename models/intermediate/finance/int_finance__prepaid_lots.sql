{# One row per lot of prepaid credits; rows of the input with a mistake are left out. #}
with

input_rows as (
    select * from {{ ref('int_finance__prepaid_lots_rows') }}
),

input_problems as (
    select * from {{ ref('int_finance__input_problems') }}
    where input = 'prepaid_lots'
)

select
    lot_id,
    issuer,
    billing_account_id,
    kind,
    {{ as_amount('amount') }} as amount,
    currency,
    {{ as_day('purchased_on') }} as purchased_on,
    {{ as_day('expires_on') }} as expires_on,
    invoice_id,
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
