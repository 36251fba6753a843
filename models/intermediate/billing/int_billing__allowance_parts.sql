{#
    One row per reconciled unit, vendor, series and reason: what an allowance or a promotion took off the list amounts of
    the billing data. Where the plan says how many credits its seats include, what was taken off is the plan's first, up
    to what it includes, then the promotion's, up to what that adds; more than both is nobody's and stays unexplained.
    What the pool covers and the vendor did not take off is a part as well, so that an invoice without it is too high.
    Where no plan says so, the vendor's own word for each charge counts, and so do credits that it calls a promotion.
#}
with

charges as (
    select * from {{ ref('int_billing__reconciliation_charges') }}
),

allowances as (
    select * from {{ ref('int_billing__included_allowances') }}
),

units as (
    select * from {{ ref('int_billing__reconciliation_units') }}
),

taken_off as (
    select
        charges.reconciliation_key,
        units.issuer,
        units.billing_account_id,
        units.billing_month,
        charges.vendor,
        charges.series,
        charges.credit_unit,
        charges.discount_reason,
        sum(charges.list_amount - charges.billed_amount) as amount
    from charges
    inner join units
        on charges.reconciliation_key = units.reconciliation_key
    where
        charges.comparison_key is not null
        and charges.discount_reason in ('included_allowance', 'promotion')
    group by
        charges.reconciliation_key,
        units.issuer,
        units.billing_account_id,
        units.billing_month,
        charges.vendor,
        charges.series,
        charges.credit_unit,
        charges.discount_reason
),

pooled as (
    select
        taken_off.reconciliation_key,
        taken_off.vendor,
        taken_off.series,
        taken_off.discount_reason,
        taken_off.amount,
        allowances.included_amount,
        allowances.promotion_amount,
        sum(taken_off.amount) over (
            partition by
                taken_off.issuer,
                taken_off.billing_account_id,
                taken_off.billing_month,
                taken_off.vendor,
                taken_off.credit_unit
            order by
                {{ binary_order('taken_off.reconciliation_key') }},
                {{ binary_order('taken_off.series') }},
                {{ binary_order('taken_off.discount_reason') }}
            rows between unbounded preceding and current row
        ) as taken_off_so_far
    from taken_off
    inner join allowances
        on
            taken_off.issuer = allowances.issuer
            and taken_off.billing_account_id = allowances.billing_account_id
            and taken_off.billing_month = allowances.billing_month
            and taken_off.vendor = allowances.vendor
            and taken_off.credit_unit = allowances.credit_unit
),

{# How much of the plan's and of the plan's and the promotion's together is used up, before this series and after it. #}
used_up as (
    select
        *,
        case
            when taken_off_so_far - amount < included_amount then taken_off_so_far - amount
            else included_amount
        end as included_before,
        case
            when taken_off_so_far < included_amount then taken_off_so_far
            else included_amount
        end as included_after,
        case
            when taken_off_so_far - amount < included_amount + promotion_amount
                then taken_off_so_far - amount
            else included_amount + promotion_amount
        end as pool_before,
        case
            when taken_off_so_far < included_amount + promotion_amount then taken_off_so_far
            else included_amount + promotion_amount
        end as pool_after
    from pooled
),

{# Of a pool that covers more than was taken off: how much of each is the plan's. #}
not_taken_off as (
    select
        reconciliation_key,
        vendor,
        discount_expected - discount_exported as amount,
        case
            when discount_exported < included_amount then discount_exported
            else included_amount
        end as included_before,
        case
            when discount_expected < included_amount then discount_expected
            else included_amount
        end as included_after
    from allowances
    where discount_expected > discount_exported
),

parts as (
    select
        reconciliation_key,
        'included_allowance' as variance_reason,
        vendor,
        series,
        'covered by the credits that the seats include' as evidence,
        included_before - included_after as amount
    from used_up

    union all

    select
        reconciliation_key,
        'promotion' as variance_reason,
        vendor,
        series,
        'covered by promotional credits, after the included ones' as evidence,
        (pool_before - included_before) - (pool_after - included_after) as amount
    from used_up

    union all

    select
        reconciliation_key,
        'included_allowance' as variance_reason,
        vendor,
        'human_usage' as series,
        'covered by the credits that the seats include' as evidence,
        included_before - included_after as amount
    from not_taken_off

    union all

    select
        reconciliation_key,
        'promotion' as variance_reason,
        vendor,
        'human_usage' as series,
        'covered by promotional credits, after the included ones' as evidence,
        included_after - included_before - amount as amount
    from not_taken_off

    union all

    select
        taken_off.reconciliation_key,
        taken_off.discount_reason as variance_reason,
        taken_off.vendor,
        taken_off.series,
        'covered by the word of the vendor for each charge' as evidence,
        -taken_off.amount as amount
    from taken_off
    left join allowances
        on
            taken_off.issuer = allowances.issuer
            and taken_off.billing_account_id = allowances.billing_account_id
            and taken_off.billing_month = allowances.billing_month
            and taken_off.vendor = allowances.vendor
            and taken_off.credit_unit = allowances.credit_unit
    where allowances.vendor is null

    union all

    select
        reconciliation_key,
        'promotion' as variance_reason,
        vendor,
        series,
        'credited in the billing data' as evidence,
        billed_amount as amount
    from charges
    where charge_category = 'Credit' and discount_reason = 'promotion'
)

select
    reconciliation_key,
    variance_reason,
    vendor,
    series,
    min(evidence) as evidence,
    {{ money('sum(amount)') }} as amount
from parts
group by reconciliation_key, variance_reason, vendor, series
