{# One row per vendor and account; rows of the input with a mistake are left out. #}
with

input_rows as (
    select * from {{ ref('int_finance__billing_accounts_rows') }}
),

input_problems as (
    select * from {{ ref('int_finance__input_problems') }}
    where input = 'billing_accounts'
)

select
    vendor,
    account_id,
    issuer,
    billing_account_id,
    billing_currency,
    coalesce({{ as_whole('cycle_day') }}, 1) as cycle_day,
    coalesce(payment_model, 'invoice') as payment_model,
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
