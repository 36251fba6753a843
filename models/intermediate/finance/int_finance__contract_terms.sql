{# One row per term of a contract and first day of validity; rows of the input with a mistake are left out. #}
with

input_rows as (
    select * from {{ ref('int_finance__contract_terms_rows') }}
),

input_problems as (
    select * from {{ ref('int_finance__input_problems') }}
    where input = 'contract_terms'
)

select
    contract_id,
    issuer,
    billing_account_id,
    vendor,
    term,
    {{ as_amount('percent') }} as percent,
    {{ as_amount('credits_per_seat') }} as credits_per_seat,
    {{ as_amount('amount') }} as amount,
    currency,
    {{ as_day('valid_from') }} as valid_from,
    {{ as_day('valid_to') }} as valid_to,
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
