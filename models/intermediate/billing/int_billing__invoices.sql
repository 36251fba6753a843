{{ config(materialized='table') }}

{#
    One row per invoice and credit note, with the month in which its period ends and the rate that it is booked at: what
    your books say on the period's last day that a US dollar costs. A currency without a rate has none; it is never one.
#}
with

invoices as (
    select * from {{ ref('int_finance__invoices') }}
),

fx_rates as (
    select * from {{ ref('int_finance__fx_rates') }}
),

rates_by_age as (
    select
        invoices.issuer,
        invoices.invoice_id,
        fx_rates.rate,
        row_number() over (
            partition by invoices.issuer, invoices.invoice_id
            order by fx_rates.valid_from desc nulls last
        ) as rate_age
    from invoices
    inner join fx_rates
        on
            invoices.currency = fx_rates.currency
            and invoices.period_end >= fx_rates.valid_from
)

select
    invoices.issuer,
    invoices.billing_account_id,
    invoices.invoice_id,
    invoices.invoice_type,
    invoices.reference_invoice_id,
    invoices.invoice_status,
    invoices.issue_date,
    invoices.due_date,
    invoices.period_start,
    invoices.period_end,
    cast({{ dbt.date_trunc('month', 'invoices.period_end') }} as date) as billing_month,
    invoices.currency,
    invoices.net,
    invoices.tax,
    invoices.fx_rate,
    case
        when invoices.currency = 'USD' then {{ money('1') }}
        else {{ money('rates_by_age.rate') }}
    end as booked_fx_rate,
    invoices.invoice_type = 'credit_note' as is_credit_note,
    invoices.purchase_order,
    invoices.payment_terms,
    invoices.extra
from invoices
left join rates_by_age
    on
        invoices.issuer = rates_by_age.issuer
        and invoices.invoice_id = rates_by_age.invoice_id
        and rates_by_age.rate_age = 1
