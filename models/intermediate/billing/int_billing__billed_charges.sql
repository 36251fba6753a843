{{ config(materialized='table') }}

{#
    One row per charge, with who bills it, the month in which its billing period ends, and its invoice: the one that the
    vendor names, else the month's invoice of its vendor and series. A billing period that the billing data tells is the
    charge's; else it is the one that its day falls into.
#}
with

charges as (
    select * from {{ ref('int_billing__charges_unioned') }}
),

accounts as (
    select * from {{ ref('int_billing__accounts') }}
),

invoice_series as (
    select * from {{ ref('int_billing__invoice_series') }}
),

placed_charges as (
    select
        charges.*,
        accounts.issuer,
        accounts.billing_account_id,
        coalesce(
            charges.billing_month,
            {{ billing_month('charges.charge_date', 'accounts.cycle_day') }}
        ) as placed_month
    from charges
    inner join accounts
        on
            charges.vendor = accounts.vendor
            and charges.account_id = accounts.account_id
)

select
    placed_charges.charge_key,
    placed_charges.vendor,
    placed_charges.account_id,
    placed_charges.issuer,
    placed_charges.billing_account_id,
    placed_charges.placed_month as billing_month,
    coalesce(placed_charges.vendor_invoice_id, invoice_series.invoice_id) as invoice_id,
    placed_charges.source_report,
    placed_charges.report_load_key,
    placed_charges.charge_date,
    placed_charges.charge_end_date,
    placed_charges.charge_category,
    placed_charges.charge_class,
    placed_charges.charge_frequency,
    placed_charges.series,
    placed_charges.sku,
    placed_charges.sku_meter,
    placed_charges.charge_description,
    placed_charges.model_name,
    placed_charges.principal_key,
    placed_charges.vendor_cost_center,
    placed_charges.credit_unit,
    placed_charges.quantity,
    placed_charges.unit,
    placed_charges.list_unit_price,
    placed_charges.unit_price,
    placed_charges.billing_currency,
    placed_charges.list_cost,
    placed_charges.discount_reason,
    placed_charges.billed_cost,
    placed_charges.effective_cost,
    placed_charges.list_usd,
    placed_charges.billed_usd,
    placed_charges.vendor_invoice_id,
    placed_charges.extra
from placed_charges
left join invoice_series
    on
        placed_charges.issuer = invoice_series.issuer
        and placed_charges.billing_account_id = invoice_series.billing_account_id
        and placed_charges.placed_month = invoice_series.billing_month
        and placed_charges.vendor = invoice_series.vendor
        and placed_charges.series = invoice_series.series
