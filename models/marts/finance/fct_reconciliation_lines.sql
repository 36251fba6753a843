{#
    One row per invoice line: what it asks for, what it should, and whether the two match. Expected amounts are at the
    booked rate of exchange, like all that they are compared with. A description with an e-mail address stays out.
#}
with

lines_judged as (
    select * from {{ ref('int_billing__lines_judged') }}
),

units as (
    select * from {{ ref('int_billing__reconciliation_units') }}
),

invoice_lines as (
    select * from {{ ref('int_finance__invoice_lines') }}
)

select
    units.issuer,
    units.billing_account_id,
    units.billing_month,
    units.invoice_id,
    units.currency,
    lines_judged.line_no,
    invoice_lines.vendor,
    invoice_lines.series,
    invoice_lines.charge_category,
    case
        when invoice_lines.line_description not like '%@%' then invoice_lines.line_description
    end as line_description,
    invoice_lines.sku,
    invoice_lines.service_start,
    invoice_lines.service_end,
    lines_judged.invoiced_amount,
    lines_judged.expected_amount,
    lines_judged.variance,
    lines_judged.fx_amount,
    lines_judged.charges as rows_compared,
    lines_judged.unknown_charges,
    lines_judged.tolerance_rounding,
    lines_judged.tolerance_business,
    lines_judged.line_match_status
from lines_judged
inner join units
    on lines_judged.reconciliation_key = units.reconciliation_key
inner join invoice_lines
    on
        lines_judged.issuer = invoice_lines.issuer
        and lines_judged.invoice_id = invoice_lines.invoice_id
        and lines_judged.line_no = invoice_lines.line_no
