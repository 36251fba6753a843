{#
    One row per billing month, vendor, account and plan that the vendor's own billing data has seat fees of: the seat
    months it bills. Which plan a line means, its text says; where the account has one plan alone, it is that one.
#}
with

charges as (
    select * from {{ ref('int_billing__billed_charges') }}
    where series = 'human_seat_fee'
),

seat_plans as (
    select distinct
        vendor,
        issuer,
        billing_account_id,
        plan
    from {{ ref('int_finance__seat_plans') }}
),

plan_counts as (
    select
        vendor,
        issuer,
        billing_account_id,
        min(plan) as only_plan,
        count(*) as plans
    from seat_plans
    group by vendor, issuer, billing_account_id
),

named_plans as (
    select
        charges.charge_key,
        seat_plans.plan,
        row_number() over (
            partition by charges.charge_key
            order by length(seat_plans.plan) desc nulls last, {{ binary_order('seat_plans.plan') }}
        ) as choice
    from charges
    inner join seat_plans
        on
            charges.vendor = seat_plans.vendor
            and charges.issuer = seat_plans.issuer
            and charges.billing_account_id = seat_plans.billing_account_id
            and position(
                lower(seat_plans.plan)
                in lower(
                    coalesce(charges.sku, '') || ' ' || coalesce(charges.charge_description, '')
                )
            ) > 0
)

select
    charges.billing_month,
    charges.vendor,
    charges.account_id,
    coalesce(
        named_plans.plan,
        case when plan_counts.plans = 1 then plan_counts.only_plan end,
        'unknown'
    ) as plan,
    {{ money('sum(charges.quantity)') }} as seat_months,
    {{ money('sum(charges.billed_cost)') }} as billed_cost
from charges
left join named_plans
    on
        charges.charge_key = named_plans.charge_key
        and named_plans.choice = 1
left join plan_counts
    on
        charges.vendor = plan_counts.vendor
        and charges.issuer = plan_counts.issuer
        and charges.billing_account_id = plan_counts.billing_account_id
group by
    charges.billing_month,
    charges.vendor,
    charges.account_id,
    named_plans.plan,
    plan_counts.plans,
    plan_counts.only_plan
