{# One row per invoice or credit note; rows of the input with a mistake are left out. #}
with

input_rows as (
    select * from {{ ref('int_finance__invoices_rows') }}
),

input_problems as (
    select * from {{ ref('int_finance__input_problems') }}
    where input = 'invoices'
)

select
    issuer,
    billing_account_id,
    invoice_id,
    invoice_type,
    reference_invoice_id,
    status as invoice_status,
    {{ as_day('issue_date') }} as issue_date,
    {{ as_day('due_date') }} as due_date,
    {{ as_day('period_start') }} as period_start,
    {{ as_day('period_end') }} as period_end,
    currency,
    {{ as_amount('net') }} as net,
    {{ money('coalesce(' ~ as_amount('tax') ~ ', 0)') }} as tax,
    {{ as_amount('fx_rate') }} as fx_rate,
    purchase_order,
    payment_terms,
    extra,
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
