{# One row per line of an invoice; rows of the input with a mistake are left out. #}
with

input_rows as (
    select * from {{ ref('int_finance__invoice_lines_rows') }}
),

invoices as (
    select * from {{ ref('int_finance__invoices') }}
),

input_problems as (
    select * from {{ ref('int_finance__input_problems') }}
    where input = 'invoice_lines'
)

select
    input_rows.issuer,
    input_rows.invoice_id,
    {{ as_whole('input_rows.line_no') }} as line_no,
    input_rows.vendor,
    input_rows.series,
    input_rows.charge_category,
    input_rows.description as line_description,
    input_rows.sku,
    {{ as_amount('input_rows.quantity') }} as quantity,
    input_rows.unit,
    {{ as_amount('input_rows.unit_price') }} as unit_price,
    {{ as_amount('input_rows.amount') }} as amount,
    coalesce({{ as_day('input_rows.service_start') }}, invoices.period_start) as service_start,
    coalesce({{ as_day('input_rows.service_end') }}, invoices.period_end) as service_end,
    input_rows.extra,
    input_rows.source_file,
    input_rows.line_number
from input_rows
left join invoices
    on
        input_rows.issuer = invoices.issuer
        and input_rows.invoice_id = invoices.invoice_id
where not exists (
    select 1
    from input_problems
    where
        input_rows.source_file = input_problems.source_file
        and input_rows.line_number = input_problems.line_number
)
