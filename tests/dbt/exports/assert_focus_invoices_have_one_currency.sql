{#
    The charges of an invoice are in one currency, that of its lines; what was converted is within a cent of what the
    invoice's rate (else the booked one) makes of the sum.
#}
{% set is_newest = var('focus_version') == '1.4' %}
{% set focus = 'focus_cost_and_usage' if is_newest else 'focus_cost_and_usage_1_2' %}
with

charges as (
    select * from {{ ref(focus) }}
    where "InvoiceId" is not null
),

invoices as (
    select * from {{ ref('int_billing__invoices') }}
    where invoice_status <> 'voided'
),

sums as (
    select
        "InvoiceIssuerName" as issuer,
        "InvoiceId" as invoice_id,
        count(distinct "BillingCurrency") as currency_count,
        min("BillingCurrency") as currency,
        {{ money(
            'sum(case when "x_ExportedCurrency" <> "BillingCurrency" then "BilledCost" else 0 end)'
        ) }} as converted,
        {{ money(
            'sum(case when "x_ExportedCurrency" <> "BillingCurrency" then "x_ExportedCost" else 0 end)'
        ) }} as in_dollars
    from charges
    group by "InvoiceIssuerName", "InvoiceId"
)

select
    sums.issuer,
    sums.invoice_id,
    sums.currency,
    sums.converted
from sums
left join invoices
    on
        sums.issuer = invoices.issuer
        and sums.invoice_id = invoices.invoice_id
where
    sums.currency_count > 1
    or sums.currency <> invoices.currency
    or (
        sums.in_dollars <> 0
        and abs(
            sums.converted
            - {{ money('sums.in_dollars * coalesce(invoices.fx_rate, invoices.booked_fx_rate)') }}
        ) > 0.01
    )
