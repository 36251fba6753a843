{#
    One row per billing month, issuer, billing account, vendor, series, currency and unit: why the bill is another than
    last month's.

    Volume is the change of the quantity at last month's average price; mix is what the change between SKUs with different
    prices makes; price is on this month's quantity, so it takes what both changed together; new and retired are SKUs that
    only one of the months has. A SKU is what is priced: sku, meter and model, in one unit. A SKU whose
    quantity is not known, or is zero, in one of the months has changed its price. Mix is the rest of what quantities do, so the five add up to the last decimal;
    nothing is unexplained. In dollars the change at last month's rate and what the rate itself did add up likewise.
#}
with

charges as (
    select * from {{ ref('int_billing__billed_charges') }}
    where series <> 'tax' and charge_category <> 'Tax' and billed_cost is not null
),

fx_rates as (
    select * from {{ ref('int_accounting__fx_rates') }}
),

sku_months as (
    select
        issuer,
        billing_account_id,
        vendor,
        series,
        billing_currency as currency,
        coalesce(unit, 'none') as unit,
        coalesce(sku, '') as sku,
        coalesce(sku_meter, '') as sku_meter,
        coalesce(model_name, '') as model_name,
        billing_month,
        cast({{ dbt.dateadd('month', 1, 'billing_month') }} as date) as next_month,
        {{ money('sum(billed_cost)') }} as amount,
        {{ money('case when count(*) = count(quantity) then sum(quantity) end') }} as quantity
    from charges
    group by
        issuer,
        billing_account_id,
        vendor,
        series,
        billing_currency,
        coalesce(unit, 'none'),
        coalesce(sku, ''),
        coalesce(sku_meter, ''),
        coalesce(model_name, ''),
        billing_month
),

account_months as (
    select
        issuer,
        billing_account_id,
        min(billing_month) as first_month,
        max(billing_month) as last_month
    from charges
    group by issuer, billing_account_id
),

{# Both months of a SKU side by side; the month after the last charge of an account is not one without charges. #}
keys as (
    select
        issuer, billing_account_id, vendor, series, currency, unit, sku, sku_meter, model_name,
        billing_month
    from sku_months
    union
    select
        issuer, billing_account_id, vendor, series, currency, unit, sku, sku_meter, model_name,
        next_month as billing_month
    from sku_months
),

compared as (
    select
        keys.billing_month,
        keys.issuer,
        keys.billing_account_id,
        keys.vendor,
        keys.series,
        keys.currency,
        keys.unit,
        previous_months.amount as previous_amount,
        previous_months.quantity as previous_quantity,
        current_months.amount as current_amount,
        current_months.quantity as current_quantity,
        previous_months.amount is not null and current_months.amount is not null as is_in_both,
        previous_months.quantity is not null and current_months.quantity is not null
            as has_quantities,
        case
            when previous_months.quantity <> 0 and current_months.quantity is not null
                then
                    {{ proportion(
                        'previous_months.amount',
                        'current_months.quantity',
                        'previous_months.quantity'
                    ) }}
            else previous_months.amount
        end as amount_at_previous_price,
        account_months.first_month < keys.billing_month as has_previous_month
    from keys
    inner join account_months
        on
            keys.issuer = account_months.issuer
            and keys.billing_account_id = account_months.billing_account_id
            and keys.billing_month <= account_months.last_month
    left join sku_months as current_months
        on
            keys.issuer = current_months.issuer
            and keys.billing_account_id = current_months.billing_account_id
            and keys.vendor = current_months.vendor
            and keys.series = current_months.series
            and keys.currency = current_months.currency
            and keys.unit = current_months.unit
            and keys.sku = current_months.sku
            and keys.sku_meter = current_months.sku_meter
            and keys.model_name = current_months.model_name
            and keys.billing_month = current_months.billing_month
    left join sku_months as previous_months
        on
            keys.issuer = previous_months.issuer
            and keys.billing_account_id = previous_months.billing_account_id
            and keys.vendor = previous_months.vendor
            and keys.series = previous_months.series
            and keys.currency = previous_months.currency
            and keys.unit = previous_months.unit
            and keys.sku = previous_months.sku
            and keys.sku_meter = previous_months.sku_meter
            and keys.model_name = previous_months.model_name
            and keys.billing_month = previous_months.next_month
),

summed as (
    select
        billing_month,
        issuer,
        billing_account_id,
        vendor,
        series,
        currency,
        unit,
        has_previous_month,
        {{ money('coalesce(sum(previous_amount), 0)') }} as previous_amount,
        {{ money('coalesce(sum(current_amount), 0)') }} as current_amount,
        {{ money('sum(case when is_in_both then previous_amount else 0 end)') }} as kept_previous,
        {{ money('sum(case when is_in_both then current_amount else 0 end)') }} as kept_current,
        {{ money('sum(case when has_quantities then previous_amount else 0 end)') }}
            as kept_with_quantity,
        {{ money('sum(case when has_quantities then previous_quantity else 0 end)') }}
            as kept_previous_quantity,
        {{ money('sum(case when has_quantities then current_quantity else 0 end)') }}
            as kept_current_quantity,
        {{ money('sum(case when is_in_both then amount_at_previous_price else 0 end)') }}
            as kept_at_previous_price,
        {{ money('sum(case when previous_amount is null then current_amount else 0 end)') }}
            as new_amount,
        {{ money('sum(case when current_amount is null then previous_amount else 0 end)') }}
            as gone_amount,
        cast(sum(case when is_in_both then 1 else 0 end) as bigint) as skus_in_both,
        cast(sum(case when previous_amount is null then 1 else 0 end) as bigint) as skus_new,
        cast(sum(case when current_amount is null then 1 else 0 end) as bigint) as skus_retired
    from compared
    group by
        billing_month,
        issuer,
        billing_account_id,
        vendor,
        series,
        currency,
        unit,
        has_previous_month
),

explained as (
    select
        *,
        coalesce(
            {{ proportion(
                'kept_with_quantity',
                'kept_current_quantity - kept_previous_quantity',
                'kept_previous_quantity'
            ) }},
            0
        ) as volume_amount
    from summed
),

in_dollars as (
    select
        explained.*,
        previous_rates.fx_rate as previous_fx_rate,
        current_rates.fx_rate as current_fx_rate,
        {{ proportion('explained.previous_amount', 1, 'previous_rates.fx_rate') }}
            as previous_usd,
        {{ proportion('explained.current_amount', 1, 'current_rates.fx_rate') }} as current_usd,
        {{ proportion('explained.current_amount', 1, 'previous_rates.fx_rate') }}
            as current_at_previous_rate_usd
    from explained
    left join fx_rates as current_rates
        on
            explained.billing_month = current_rates.billing_month
            and explained.currency = current_rates.currency
    left join fx_rates as previous_rates
        on
            explained.billing_month
            = cast({{ dbt.dateadd('month', 1, 'previous_rates.billing_month') }} as date)
            and explained.currency = previous_rates.currency
)

select
    billing_month,
    issuer,
    billing_account_id,
    vendor,
    series,
    currency,
    unit,
    has_previous_month,
    skus_in_both,
    skus_new,
    skus_retired,
    previous_amount,
    current_amount,
    {{ money('volume_amount') }} as volume_amount,
    {{ money('kept_at_previous_price - kept_previous - volume_amount') }} as mix_amount,
    {{ money('kept_current - kept_at_previous_price') }} as price_amount,
    new_amount,
    {{ money('-gone_amount') }} as retired_amount,
    {{ money('current_amount - previous_amount') }} as delta_amount,
    previous_fx_rate,
    current_fx_rate,
    previous_usd,
    current_usd,
    {{ money('current_at_previous_rate_usd - previous_usd') }} as delta_at_previous_rate_usd,
    {{ money('current_usd - current_at_previous_rate_usd') }} as fx_usd,
    {{ money('current_usd - previous_usd') }} as delta_usd
from in_dollars
