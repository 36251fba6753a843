{{ config(materialized='table') }}

{#
    One row per reconciled unit, vendor, account, series, UTC day, comparison key and whether it is unpriced use: what was
    metered beside what the vendor's billing data charges, in the unit's currency. Neither side is ever filled from the
    other. Where a key has unpriced use on a day, the models that do have a price stand apart from what has none.
#}
with

charges as (
    select * from {{ ref('int_billing__compared_charges') }}
),

metered_days as (
    select * from {{ ref('int_billing__metered_days') }}
),

priced_models as (
    select * from {{ ref('int_billing__priced_models') }}
),

units as (
    select * from {{ ref('int_billing__reconciliation_units') }}
),

metered_keys as (
    select
        reconciliation_key,
        vendor,
        account_id,
        series,
        comparison_key,
        min(credit_unit) as credit_unit,
        sum(metered_quantity) as metered_quantity,
        sum(metered_usd) as metered_usd,
        sum(records) as records,
        sum(unpriced_records) as unpriced_records,
        usage_date
    from metered_days
    group by reconciliation_key, vendor, account_id, series, comparison_key, usage_date
),

priced_keys as (
    select
        vendor,
        account_id,
        series,
        comparison_key,
        sum(list_value_usd) as list_value_usd,
        usage_date
    from priced_models
    group by vendor, account_id, series, comparison_key, usage_date
),

metered_parts as (
    select
        reconciliation_key,
        vendor,
        account_id,
        series,
        comparison_key,
        false as is_unpriced,
        credit_unit,
        metered_quantity,
        metered_usd,
        records,
        0 as unpriced_records,
        usage_date
    from metered_keys
    where unpriced_records = 0

    union all

    select
        metered_keys.reconciliation_key,
        metered_keys.vendor,
        metered_keys.account_id,
        metered_keys.series,
        metered_keys.comparison_key,
        false as is_unpriced,
        metered_keys.credit_unit,
        null as metered_quantity,
        priced_keys.list_value_usd as metered_usd,
        metered_keys.records - metered_keys.unpriced_records as records,
        0 as unpriced_records,
        metered_keys.usage_date
    from metered_keys
    inner join priced_keys
        on
            metered_keys.vendor = priced_keys.vendor
            and metered_keys.account_id = priced_keys.account_id
            and metered_keys.series = priced_keys.series
            and metered_keys.comparison_key = priced_keys.comparison_key
            and metered_keys.usage_date = priced_keys.usage_date

    union all

    {# What is left has some value where rows of one model have a price and others of it have none. #}
    select
        metered_keys.reconciliation_key,
        metered_keys.vendor,
        metered_keys.account_id,
        metered_keys.series,
        metered_keys.comparison_key,
        true as is_unpriced,
        metered_keys.credit_unit,
        metered_keys.metered_quantity,
        metered_keys.metered_usd - coalesce(priced_keys.list_value_usd, 0) as metered_usd,
        case
            when priced_keys.vendor is null then metered_keys.records
            else metered_keys.unpriced_records
        end as records,
        metered_keys.unpriced_records,
        metered_keys.usage_date
    from metered_keys
    left join priced_keys
        on
            metered_keys.vendor = priced_keys.vendor
            and metered_keys.account_id = priced_keys.account_id
            and metered_keys.series = priced_keys.series
            and metered_keys.comparison_key = priced_keys.comparison_key
            and metered_keys.usage_date = priced_keys.usage_date
    where metered_keys.unpriced_records > 0
),

both_sides as (
    select
        reconciliation_key,
        vendor,
        account_id,
        series,
        comparison_key,
        is_unpriced,
        credit_unit as metered_unit,
        null as billed_unit,
        metered_quantity,
        metered_usd,
        records,
        unpriced_records,
        null as billed_quantity,
        null as list_amount,
        null as billed_amount,
        null as charged_amount,
        1 as metered_rows,
        0 as charges,
        0 as unlisted_charges,
        usage_date
    from metered_parts

    union all

    select
        reconciliation_key,
        vendor,
        account_id,
        series,
        comparison_key,
        is_unpriced,
        null as metered_unit,
        credit_unit as billed_unit,
        null as metered_quantity,
        null as metered_usd,
        0 as records,
        0 as unpriced_records,
        quantity as billed_quantity,
        list_amount,
        billed_amount,
        charged_amount,
        0 as metered_rows,
        1 as charges,
        case when list_amount is null then 1 else 0 end as unlisted_charges,
        charge_date as usage_date
    from charges
),

compared as (
    select
        reconciliation_key,
        vendor,
        account_id,
        series,
        comparison_key,
        is_unpriced,
        min(metered_unit) as metered_unit,
        min(billed_unit) as billed_unit,
        sum(metered_quantity) as metered_quantity,
        sum(metered_usd) as metered_usd,
        sum(records) as records,
        sum(unpriced_records) as unpriced_records,
        sum(billed_quantity) as billed_quantity,
        sum(list_amount) as list_amount,
        sum(billed_amount) as billed_amount,
        sum(charged_amount) as charged_amount,
        max(metered_rows) as metered_rows,
        sum(charges) as charges,
        sum(unlisted_charges) as unlisted_charges,
        usage_date
    from both_sides
    group by
        reconciliation_key,
        vendor,
        account_id,
        series,
        comparison_key,
        is_unpriced,
        usage_date
),

exported_days as (
    select distinct
        vendor,
        account_id,
        charge_date
    from charges
),

exported_units as (
    select distinct
        reconciliation_key,
        vendor,
        account_id
    from charges
)

select
    compared.reconciliation_key,
    units.currency,
    compared.vendor,
    compared.account_id,
    compared.series,
    compared.comparison_key,
    compared.is_unpriced,
    compared.metered_unit,
    compared.billed_unit,
    {{ money('compared.metered_quantity') }} as metered_quantity,
    {{ money('compared.metered_usd * units.booked_fx_rate') }} as metered_amount,
    cast(compared.records as bigint) as records,
    cast(compared.unpriced_records as bigint) as unpriced_records,
    {{ money('compared.billed_quantity') }} as billed_quantity,
    {{ money('compared.list_amount') }} as list_amount,
    {{ money('compared.billed_amount') }} as billed_amount,
    {{ money('compared.charged_amount') }} as charged_amount,
    compared.metered_rows > 0 as is_metered,
    cast(compared.charges as bigint) as charges,
    cast(compared.unlisted_charges as bigint) as unlisted_charges,
    exported_days.vendor is not null as is_day_exported,
    exported_units.vendor is not null as is_period_exported,
    compared.usage_date
from compared
inner join units
    on compared.reconciliation_key = units.reconciliation_key
left join exported_days
    on
        compared.vendor = exported_days.vendor
        and compared.account_id = exported_days.account_id
        and compared.usage_date = exported_days.charge_date
left join exported_units
    on
        compared.reconciliation_key = exported_units.reconciliation_key
        and compared.vendor = exported_units.vendor
        and compared.account_id = exported_units.account_id
