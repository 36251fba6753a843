{{ config(materialized='table') }}

{#
    One row per charge for use, with the metered use that it stands against: whether there is any, and whether that has no
    price. A charge for a model whose tokens all have a price is priced, whatever else the key used on that day.
#}
with

charges as (
    select * from {{ ref('int_billing__reconciliation_charges') }}
    where comparison_key is not null
),

metered_days as (
    select * from {{ ref('int_billing__metered_days') }}
),

priced_models as (
    select * from {{ ref('int_billing__priced_models') }}
),

metered_keys as (
    select
        vendor,
        account_id,
        series,
        comparison_key,
        sum(unpriced_records) as unpriced_records,
        usage_date
    from metered_days
    group by vendor, account_id, series, comparison_key, usage_date
)

select
    charges.reconciliation_key,
    charges.charge_key,
    charges.vendor,
    charges.account_id,
    charges.series,
    charges.comparison_key,
    metered_keys.vendor is not null as is_metered,
    coalesce(metered_keys.unpriced_records > 0, false) and priced_models.vendor is null
        as is_unpriced,
    charges.sku,
    charges.model_name,
    charges.credit_unit,
    charges.quantity,
    charges.list_amount,
    charges.billed_amount,
    coalesce(charges.list_amount, charges.billed_amount) as charged_amount,
    charges.charge_date
from charges
left join metered_keys
    on
        charges.vendor = metered_keys.vendor
        and charges.account_id = metered_keys.account_id
        and charges.series = metered_keys.series
        and charges.comparison_key = metered_keys.comparison_key
        and charges.charge_date = metered_keys.usage_date
left join priced_models
    on
        charges.vendor = priced_models.vendor
        and charges.account_id = priced_models.account_id
        and charges.series = priced_models.series
        and charges.comparison_key = priced_models.comparison_key
        and charges.charge_date = priced_models.usage_date
        and charges.model_name = priced_models.model_name
