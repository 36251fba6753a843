{# One row per seat plan and first day of validity; rows of the input with a mistake are left out. #}
with

input_rows as (
    select * from {{ ref('int_finance__seat_plans_rows') }}
),

input_problems as (
    select * from {{ ref('int_finance__input_problems') }}
    where input = 'seat_plans'
)

select
    contract_id,
    issuer,
    billing_account_id,
    vendor,
    plan,
    {{ as_amount('seat_price') }} as seat_price,
    currency,
    {{ as_amount('included_credits_per_seat') }} as included_credits_per_seat,
    credit_unit,
    proration,
    {{ as_whole('seats') }} as seats,
    {{ as_day('valid_from') }} as valid_from,
    {{ as_day('valid_to') }} as valid_to,
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
