{{ config(materialized='table') }}

{#
    One row per issuer, billing account, month, vendor and credit unit whose seats include credits: the pool, what was
    used, and what the pool should and did cover. All seats of a month make one pool, a seat that came late adds all its
    credits; the plan's credits go first, a promotion's after them. What the pool does not cover is overage. Where the
    vendor's billing data has nothing of the month, what was used is unknown. `reconciliation_key` is the unit that has
    the vendor's use by people.
#}
with

seat_plans as (
    select * from {{ ref('int_finance__seat_plans') }}
    where included_credits_per_seat is not null
),

contract_terms as (
    select * from {{ ref('int_finance__contract_terms') }}
    where term = 'promotion_credits'
),

seat_months as (
    select * from {{ ref('int_seats__months') }}
),

charges as (
    select * from {{ ref('int_billing__reconciliation_charges') }}
),

units as (
    select * from {{ ref('int_billing__reconciliation_units') }}
    where not is_credit_note and coalesce(invoice_status, '') <> 'voided'
),

credit_prices as (
    select * from {{ ref('credit_prices') }}
),

invoice_series as (
    select * from {{ ref('int_billing__invoice_series') }}
    where series = 'human_usage'
),

periods as (
    select
        issuer,
        billing_account_id,
        billing_month,
        min(currency) as currency,
        min(booked_fx_rate) as booked_fx_rate,
        min(period_start) as period_start,
        max(period_end) as period_end
    from units
    group by issuer, billing_account_id, billing_month
),

seats as (
    select
        issuer,
        billing_account_id,
        billing_month,
        vendor,
        plan,
        sum(full_seats + prorated_seats) as seats
    from seat_months
    group by issuer, billing_account_id, billing_month, vendor, plan
),

{# As for the fee: what holds on the first day counts for the period; a plan that begins inside it, from its first. #}
plans_by_choice as (
    select
        periods.issuer,
        periods.billing_account_id,
        periods.billing_month,
        seat_plans.vendor,
        seat_plans.plan,
        seat_plans.credit_unit,
        seat_plans.included_credits_per_seat,
        seat_plans.seats as committed_seats,
        row_number() over (
            partition by
                periods.issuer,
                periods.billing_account_id,
                periods.billing_month,
                seat_plans.vendor,
                seat_plans.plan
            order by
                case when seat_plans.valid_from <= periods.period_start then 0 else 1 end,
                case
                    when seat_plans.valid_from <= periods.period_start then seat_plans.valid_from
                end desc nulls last,
                seat_plans.valid_from asc nulls last,
                {{ binary_order('seat_plans.contract_id') }}
        ) as choice
    from periods
    inner join seat_plans
        on
            periods.issuer = seat_plans.issuer
            and periods.billing_account_id = seat_plans.billing_account_id
            and periods.period_end >= seat_plans.valid_from
            and periods.period_start <= coalesce(seat_plans.valid_to, periods.period_end)
),

pools_by_plan as (
    select
        plans_by_choice.issuer,
        plans_by_choice.billing_account_id,
        plans_by_choice.billing_month,
        plans_by_choice.vendor,
        plans_by_choice.credit_unit,
        coalesce(seats.seats, plans_by_choice.committed_seats) as seats,
        coalesce(seats.seats, plans_by_choice.committed_seats)
        * plans_by_choice.included_credits_per_seat as included_quantity
    from plans_by_choice
    left join seats
        on
            plans_by_choice.issuer = seats.issuer
            and plans_by_choice.billing_account_id = seats.billing_account_id
            and plans_by_choice.billing_month = seats.billing_month
            and plans_by_choice.vendor = seats.vendor
            and plans_by_choice.plan = seats.plan
    where plans_by_choice.choice = 1
),

pools as (
    select
        issuer,
        billing_account_id,
        billing_month,
        vendor,
        credit_unit,
        sum(seats) as seats,
        sum(included_quantity) as included_quantity
    from pools_by_plan
    group by issuer, billing_account_id, billing_month, vendor, credit_unit
),

promotions as (
    select
        periods.issuer,
        periods.billing_account_id,
        periods.billing_month,
        contract_terms.vendor,
        sum(contract_terms.credits_per_seat) as credits_per_seat
    from periods
    inner join contract_terms
        on
            periods.issuer = contract_terms.issuer
            and periods.billing_account_id = contract_terms.billing_account_id
            and periods.period_end >= contract_terms.valid_from
            and periods.period_start <= coalesce(contract_terms.valid_to, periods.period_end)
    group by
        periods.issuer,
        periods.billing_account_id,
        periods.billing_month,
        contract_terms.vendor
),

usage as (
    select
        units.issuer,
        units.billing_account_id,
        units.billing_month,
        charges.vendor,
        charges.credit_unit,
        sum(charges.quantity) as consumed_quantity,
        sum(
            case
                when charges.discount_reason in ('included_allowance', 'promotion')
                    then charges.list_amount - charges.billed_amount
                else 0
            end
        ) as discount_exported
    from charges
    inner join units
        on charges.reconciliation_key = units.reconciliation_key
    where charges.comparison_key is not null
    group by
        units.issuer,
        units.billing_account_id,
        units.billing_month,
        charges.vendor,
        charges.credit_unit
),

exported_months as (
    select distinct
        units.issuer,
        units.billing_account_id,
        units.billing_month,
        charges.vendor
    from charges
    inner join units
        on charges.reconciliation_key = units.reconciliation_key
),

prices_by_age as (
    select
        periods.issuer,
        periods.billing_account_id,
        periods.billing_month,
        credit_prices.vendor,
        credit_prices.credit_unit,
        credit_prices.usd_per_credit * periods.booked_fx_rate as credit_price,
        row_number() over (
            partition by
                periods.issuer,
                periods.billing_account_id,
                periods.billing_month,
                credit_prices.vendor,
                credit_prices.credit_unit
            order by credit_prices.valid_from desc nulls last
        ) as price_age
    from periods
    inner join credit_prices
        on
            periods.period_end >= credit_prices.valid_from
            and periods.period_start <= coalesce(credit_prices.valid_to, periods.period_end)
),

filled as (
    select
        pools.issuer,
        pools.billing_account_id,
        pools.billing_month,
        periods.currency,
        pools.vendor,
        pools.credit_unit,
        pools.seats,
        pools.included_quantity,
        coalesce(pools.seats * promotions.credits_per_seat, 0) as promotion_quantity,
        pools.included_quantity + coalesce(pools.seats * promotions.credits_per_seat, 0)
            as pool_quantity,
        case when exported_months.vendor is not null then coalesce(usage.consumed_quantity, 0) end
            as consumed_quantity,
        prices_by_age.credit_price,
        case when exported_months.vendor is not null then coalesce(usage.discount_exported, 0) end
            as discount_exported
    from pools
    inner join periods
        on
            pools.issuer = periods.issuer
            and pools.billing_account_id = periods.billing_account_id
            and pools.billing_month = periods.billing_month
    left join promotions
        on
            pools.issuer = promotions.issuer
            and pools.billing_account_id = promotions.billing_account_id
            and pools.billing_month = promotions.billing_month
            and pools.vendor = promotions.vendor
    left join usage
        on
            pools.issuer = usage.issuer
            and pools.billing_account_id = usage.billing_account_id
            and pools.billing_month = usage.billing_month
            and pools.vendor = usage.vendor
            and pools.credit_unit = usage.credit_unit
    left join exported_months
        on
            pools.issuer = exported_months.issuer
            and pools.billing_account_id = exported_months.billing_account_id
            and pools.billing_month = exported_months.billing_month
            and pools.vendor = exported_months.vendor
    left join prices_by_age
        on
            pools.issuer = prices_by_age.issuer
            and pools.billing_account_id = prices_by_age.billing_account_id
            and pools.billing_month = prices_by_age.billing_month
            and pools.vendor = prices_by_age.vendor
            and pools.credit_unit = prices_by_age.credit_unit
            and prices_by_age.price_age = 1
),

covered as (
    select
        *,
        case
            when consumed_quantity < pool_quantity then consumed_quantity
            when consumed_quantity is not null then pool_quantity
        end as covered_quantity
    from filled
)

select
    {{ reconciliation_key(
        'covered.issuer',
        'covered.billing_account_id',
        'covered.billing_month',
        'invoice_series.invoice_id'
    ) }}
        as reconciliation_key,
    covered.issuer,
    covered.billing_account_id,
    covered.billing_month,
    covered.currency,
    covered.vendor,
    covered.credit_unit,
    cast(covered.seats as bigint) as seats,
    {{ money('covered.included_quantity') }} as included_quantity,
    {{ money('covered.promotion_quantity') }} as promotion_quantity,
    {{ money('covered.pool_quantity') }} as pool_quantity,
    {{ money('covered.consumed_quantity') }} as consumed_quantity,
    {{ money('covered.covered_quantity') }} as covered_quantity,
    {{ money('covered.pool_quantity - covered.covered_quantity') }} as remainder_quantity,
    {{ money('covered.consumed_quantity - covered.covered_quantity') }} as overage_quantity,
    {{ money('covered.included_quantity * covered.credit_price') }} as included_amount,
    {{ money('covered.promotion_quantity * covered.credit_price') }} as promotion_amount,
    {{ money('covered.discount_exported') }} as discount_exported,
    {{ money('covered.covered_quantity * covered.credit_price') }} as discount_expected
from covered
left join invoice_series
    on
        covered.issuer = invoice_series.issuer
        and covered.billing_account_id = invoice_series.billing_account_id
        and covered.billing_month = invoice_series.billing_month
        and covered.vendor = invoice_series.vendor
