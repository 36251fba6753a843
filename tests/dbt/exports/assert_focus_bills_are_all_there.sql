{#
    To the last decimal: what is exported as billed is, before it is converted, what the vendors' data say was billed, and
    for each invoice that is not voided the lines that no vendor's data tell, no more and no less. Nothing is an estimate.
    A charge of which nobody knows what it is in its invoice's currency is not exported.
#}
{% set is_newest = var('focus_version') == '1.4' %}
{% set focus = 'focus_cost_and_usage' if is_newest else 'focus_cost_and_usage_1_2' %}
with

exported as (
    select
        "x_CostBasis" as cost_basis,
        coalesce("x_ExportedCurrency", "BillingCurrency") as currency,
        "InvoiceIssuerName" as issuer,
        "x_Series" as series,
        coalesce("x_ExportedCost", "BilledCost") as amount
    from {{ ref(focus) }}
),

charges as (
    select billed_charges.*
    from {{ ref('int_billing__billed_charges') }} as billed_charges
    left join {{ ref('int_billing__invoices') }} as invoices
        on
            billed_charges.issuer = invoices.issuer
            and billed_charges.invoice_id = invoices.invoice_id
            and invoices.invoice_status <> 'voided'
            and billed_charges.billing_currency <> invoices.currency
    where
        billed_charges.billing_currency is not null
        and billed_charges.billed_cost is not null
        and (
            invoices.invoice_id is null
            or (
                billed_charges.billing_currency = 'USD'
                and coalesce(invoices.fx_rate, invoices.booked_fx_rate) is not null
            )
        )
),

billed as (
    select
        'vendor_export' as cost_basis,
        billing_currency as currency,
        issuer,
        series,
        -billed_cost as amount
    from charges
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
    from charges
    where invoice_id is not null
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
