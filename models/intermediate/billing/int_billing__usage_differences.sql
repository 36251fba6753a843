{#
    One row per compared key, reason and subject: why what the vendor charges at list differs from what was metered.

    Charged and never metered is a coverage gap. Metered on a day that the billing data leaves out is a question of the
    cut-off. Metered without a price leaves the charge to stand for it, model by model where nothing of the key has a
    value, else less what has. Where both count the same unit, the quantity
    differs at the metered price, and the price by the rest, if the books have two prices of that unit in the period; else
    the rest stays unexplained. Where both count in money at list it is the quantity; money whose list amount the vendor
    does not tell may differ for any reason, so that it has none here. A period that the vendor does not export at
    all is compared with nothing here.
#}
with

compared as (
    select * from {{ ref('int_billing__usage_comparison') }}
),

compared_charges as (
    select * from {{ ref('int_billing__compared_charges') }}
),

units as (
    select * from {{ ref('int_billing__reconciliation_units') }}
),

credit_prices as (
    select * from {{ ref('credit_prices') }}
),

prices_in_period as (
    select
        units.reconciliation_key,
        credit_prices.vendor,
        credit_prices.credit_unit,
        count(distinct credit_prices.usd_per_credit) as prices
    from units
    inner join credit_prices
        on
            units.period_end >= credit_prices.valid_from
            and units.period_start <= coalesce(credit_prices.valid_to, units.period_end)
    group by units.reconciliation_key, credit_prices.vendor, credit_prices.credit_unit
),

judged as (
    select
        compared.*,
        coalesce(compared.metered_amount, 0) as known_amount,
        coalesce(compared.charged_amount, 0) as charge,
        coalesce(prices_in_period.prices, 0) > 1 as has_price_change,
        case
            when not compared.is_metered then 'coverage_gap'
            when compared.charges = 0 and not compared.is_period_exported then 'not_compared'
            when compared.charges = 0 and not compared.is_day_exported then 'cutoff_timing'
            when compared.charges = 0 then 'quantity_difference'
            when compared.is_unpriced then 'unpriced_usage'
            when
                compared.metered_unit = compared.billed_unit
                and compared.metered_unit <> 'usd'
                and compared.metered_quantity <> 0
                then 'same_unit'
            when compared.unlisted_charges > 0 then 'not_compared'
            else 'quantity_difference'
        end as judgement
    from compared
    left join prices_in_period
        on
            compared.reconciliation_key = prices_in_period.reconciliation_key
            and compared.vendor = prices_in_period.vendor
            and compared.metered_unit = prices_in_period.credit_unit
),

measured as (
    select
        *,
        case
            when judgement = 'same_unit'
                then {{ proportion(
                    'known_amount', 'billed_quantity - metered_quantity', 'metered_quantity'
                ) }}
        end as quantity_amount
    from judged
),

{# Where nothing of the key has a value, its charges are told by model. #}
unpriced_charges as (
    select compared_charges.*
    from compared_charges
    inner join measured
        on
            compared_charges.reconciliation_key = measured.reconciliation_key
            and compared_charges.vendor = measured.vendor
            and compared_charges.account_id = measured.account_id
            and compared_charges.series = measured.series
            and compared_charges.comparison_key = measured.comparison_key
            and compared_charges.charge_date = measured.usage_date
            and compared_charges.is_unpriced = measured.is_unpriced
    where measured.judgement = 'unpriced_usage' and measured.known_amount = 0
),

reasons as (
    select
        reconciliation_key,
        judgement as variance_reason,
        vendor,
        series,
        comparison_key,
        comparison_key as subject,
        usage_date,
        case
            when judgement = 'coverage_gap' then 'charged, never metered'
            when judgement = 'cutoff_timing'
                then 'metered on a day that the billing data leaves out'
            when charges = 0 then 'metered, not charged'
            else 'charged at list against metered'
        end as evidence,
        charge - known_amount as amount
    from measured
    where judgement not in ('same_unit', 'not_compared', 'unpriced_usage')

    union all

    select
        reconciliation_key,
        'unpriced_usage' as variance_reason,
        vendor,
        series,
        comparison_key,
        coalesce(nullif(model_name, ''), nullif(sku, ''), comparison_key) as subject,
        charge_date as usage_date,
        'charged; metered without a price' as evidence,
        charged_amount as amount
    from unpriced_charges

    union all

    select
        reconciliation_key,
        'unpriced_usage' as variance_reason,
        vendor,
        series,
        comparison_key,
        comparison_key as subject,
        usage_date,
        'charged; a part of it metered without a price' as evidence,
        charge - known_amount as amount
    from measured
    where judgement = 'unpriced_usage' and known_amount <> 0

    union all

    select
        reconciliation_key,
        'quantity_difference' as variance_reason,
        vendor,
        series,
        comparison_key,
        comparison_key as subject,
        usage_date,
        'units charged against units metered, at the metered price' as evidence,
        quantity_amount as amount
    from measured
    where judgement = 'same_unit'

    union all

    select
        reconciliation_key,
        'price_difference' as variance_reason,
        vendor,
        series,
        comparison_key,
        comparison_key as subject,
        usage_date,
        'units charged at another price of the period' as evidence,
        charge - known_amount - quantity_amount as amount
    from measured
    where judgement = 'same_unit' and has_price_change
)

select
    reconciliation_key,
    variance_reason,
    vendor,
    series,
    comparison_key,
    subject,
    min(evidence) as evidence,
    {{ money('sum(amount)') }} as amount,
    usage_date
from reasons
{# Less than a millionth is what converting and adding up in another order makes: rounding. #}
where abs(amount) >= 0.000001
group by
    reconciliation_key,
    variance_reason,
    vendor,
    series,
    comparison_key,
    subject,
    usage_date
