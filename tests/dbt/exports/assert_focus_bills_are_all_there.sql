{#
    To the last decimal: what is exported as billed is what the vendors' data say was billed, and for each invoice that
    is not voided the lines that no vendor's data tell, no more and no less. Nothing is an estimate.
#}
{% set is_newest = var('focus_version') == '1.4' %}
{% set focus = 'focus_cost_and_usage' if is_newest else 'focus_cost_and_usage_1_2' %}
with

exported as (
    select
        "x_CostBasis" as cost_basis,
        "BillingCurrency" as currency,
        "InvoiceIssuerName" as issuer,
        "x_Series" as series,
        "BilledCost" as amount
    from {{ ref(focus) }}
),

billed as (
    select
        'vendor_export' as cost_basis,
        billing_currency as currency,
        issuer,
        series,
        -billed_cost as amount
    from {{ ref('int_billing__billed_charges') }}
    where billing_currency is not null and billed_cost is not null
),

invoice_series as (
    select
        invoice_lines.issuer,
        invoice_lines.invoice_id,
        invoice_lines.vendor,
        invoice_lines.series,
        invoices.currency,
        sum(invoice_lines.amount) as amount
    from {{ ref('int_finance__invoice_lines') }} as invoice_lines
    inner join {{ ref('int_billing__invoices') }} as invoices
        on
            invoice_lines.issuer = invoices.issuer
            and invoice_lines.invoice_id = invoices.invoice_id
    where invoices.invoice_status <> 'voided'
    group by
        invoice_lines.issuer,
        invoice_lines.invoice_id,
        invoice_lines.vendor,
        invoice_lines.series,
        invoices.currency
),

told_by_vendors as (
    select distinct
        issuer || '|' || invoice_id || '|' || vendor || '|' || series as line_key
    from {{ ref('int_billing__billed_charges') }}
    where invoice_id is not null and billing_currency is not null and billed_cost is not null
),

invoiced as (
    select
        'invoice' as cost_basis,
        currency,
        issuer,
        series,
        -amount as amount
    from invoice_series
    where
        issuer || '|' || invoice_id || '|' || vendor || '|' || series
        not in (select told_by_vendors.line_key from told_by_vendors)
),

together as (
    select * from exported
    union all
    select * from billed
    union all
    select * from invoiced
)

select
    cost_basis,
    currency,
    issuer,
    series,
    sum(amount) as difference
from together
group by cost_basis, currency, issuer, series
having sum(amount) <> 0
