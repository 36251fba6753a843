{{ config(materialized='table') }}

{#
    One row per charge but taxes, in the currency of what it is reconciled with: as it stands where that is its own, in
    dollars at the booked rate else. `fx_base_usd` is the part that a rate of the invoice's own would turn into another
    amount. A list amount that the vendor does not tell stays unknown.
#}
with

charges as (
    select * from {{ ref('int_billing__billed_charges') }}
    where series <> 'tax' and charge_category <> 'Tax'
),

invoice_series as (
    select * from {{ ref('int_billing__invoice_series') }}
),

invoices as (
    select * from {{ ref('int_billing__invoices') }}
    where invoice_status <> 'voided'
),

units as (
    select * from {{ ref('int_billing__reconciliation_units') }}
),

{# The invoice that the vendor names, where your invoices have it in that month; else the one of the series. #}
placed as (
    select
        charges.*,
        {{ reconciliation_key(
            'charges.issuer',
            'charges.billing_account_id',
            'charges.billing_month',
            'coalesce(invoices.invoice_id, invoice_series.invoice_id)'
        ) }}
            as reconciliation_key
    from charges
    left join invoices
        on
            charges.issuer = invoices.issuer
            and charges.billing_account_id = invoices.billing_account_id
            and charges.billing_month = invoices.billing_month
            and charges.vendor_invoice_id = invoices.invoice_id
    left join invoice_series
        on
            charges.issuer = invoice_series.issuer
            and charges.billing_account_id = invoice_series.billing_account_id
            and charges.billing_month = invoice_series.billing_month
            and charges.vendor = invoice_series.vendor
            and charges.series = invoice_series.series
)

select
    placed.reconciliation_key,
    placed.charge_key,
    placed.vendor,
    placed.account_id,
    placed.series,
    placed.charge_category,
    placed.charge_class,
    coalesce(placed.sku, '') as sku,
    coalesce(placed.model_name, '') as model_name,
    case
        when
            placed.charge_category = 'Usage'
            and coalesce(placed.charge_class, '') <> 'Correction'
            and placed.series in ('human_usage', 'machine_usage', 'other')
            then coalesce(placed.principal_key, 'account day')
    end as comparison_key,
    placed.credit_unit,
    placed.quantity,
    placed.discount_reason,
    case
        when placed.billing_currency = units.currency then placed.list_cost
        else {{ money('placed.list_usd * units.booked_fx_rate') }}
    end as list_amount,
    case
        when placed.billing_currency = units.currency then placed.billed_cost
        else {{ money('placed.billed_usd * units.booked_fx_rate') }}
    end as billed_amount,
    case when placed.billing_currency <> units.currency then placed.billed_usd else 0 end
        as fx_base_usd,
    placed.charge_date
from placed
inner join units
    on placed.reconciliation_key = units.reconciliation_key
