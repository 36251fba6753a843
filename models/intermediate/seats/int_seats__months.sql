{{ config(materialized='table') }}

{#
    One row per billing month, vendor, account and plan: seats assigned, paid, active and idle, and what they should cost.

    Assigned is every seat held on any day of the billing period. Paid are the seat months of the vendor's own billing
    data, else the seats agreed in the contract, else those assigned. The fee is the contract's, never the vendor's: a seat
    that comes inside the period pays for the days left where the contract prorates by the day, else a full month; one that
    goes is paid to the end of the period. What a vendor does not list is NULL.
#}
with

account_months as (
    select * from {{ ref('int_seats__account_months') }}
),

plan_months as (
    select * from {{ ref('int_seats__plan_months') }}
),

fee_months as (
    select * from {{ ref('int_seats__fee_months') }}
),

holders as (
    select * from {{ ref('int_seats__holders') }}
),

keys as (
    select billing_month, vendor, account_id, plan from plan_months
    union
    select billing_month, vendor, account_id, plan from fee_months
    union
    select billing_month, vendor, account_id, plan from holders
),

priced_holders as (
    select
        holders.*,
        coalesce(plan_months.proration, 'none') = 'daily' and holders.is_prorated as pays_days,
        {{ proportion('plan_months.seat_price', 'holders.days_held', 'holders.days_in_period') }}
            as fee_of_days
    from holders
    left join plan_months
        on
            holders.billing_month = plan_months.billing_month
            and holders.vendor = plan_months.vendor
            and holders.account_id = plan_months.account_id
            and holders.plan = plan_months.plan
),

counted as (
    select
        billing_month,
        vendor,
        account_id,
        plan,
        count(*) as seats_assigned,
        sum(case when is_active then 1 else 0 end) as seats_active,
        sum(case when pays_days then 0 else 1 end) as full_seats,
        sum(case when pays_days then 1 else 0 end) as prorated_seats,
        {{ money('sum(case when pays_days then fee_of_days else 0 end)') }} as prorated_seat_fee
    from priced_holders
    group by billing_month, vendor, account_id, plan
),

joined as (
    select
        keys.billing_month,
        keys.vendor,
        keys.account_id,
        account_months.issuer,
        account_months.billing_account_id,
        keys.plan,
        coalesce(plan_months.currency, account_months.billing_currency) as currency,
        plan_months.contract_id,
        plan_months.seat_price,
        plan_months.committed_seats,
        fee_months.seat_months,
        fee_months.billing_month is not null as is_exported,
        case when account_months.lists_seats then coalesce(counted.seats_assigned, 0) end
            as seats_assigned,
        case when account_months.lists_seats then coalesce(counted.seats_active, 0) end
            as seats_active,
        case
            when plan_months.committed_seats is not null then plan_months.committed_seats
            when account_months.lists_seats then coalesce(counted.full_seats, 0)
        end as full_seats,
        case
            when plan_months.committed_seats is not null then 0
            when account_months.lists_seats then coalesce(counted.prorated_seats, 0)
        end as prorated_seats,
        case
            when plan_months.committed_seats is not null then 0
            when account_months.lists_seats then coalesce(counted.prorated_seat_fee, 0)
        end as prorated_seat_fee
    from keys
    inner join account_months
        on
            keys.billing_month = account_months.billing_month
            and keys.vendor = account_months.vendor
            and keys.account_id = account_months.account_id
    left join plan_months
        on
            keys.billing_month = plan_months.billing_month
            and keys.vendor = plan_months.vendor
            and keys.account_id = plan_months.account_id
            and keys.plan = plan_months.plan
    left join fee_months
        on
            keys.billing_month = fee_months.billing_month
            and keys.vendor = fee_months.vendor
            and keys.account_id = fee_months.account_id
            and keys.plan = fee_months.plan
    left join counted
        on
            keys.billing_month = counted.billing_month
            and keys.vendor = counted.vendor
            and keys.account_id = counted.account_id
            and keys.plan = counted.plan
)

select
    billing_month,
    vendor,
    account_id,
    issuer,
    billing_account_id,
    plan,
    currency,
    contract_id,
    cast(seats_assigned as bigint) as seats_assigned,
    {{ money('coalesce(seat_months, committed_seats, seats_assigned)') }} as seats_paid,
    cast(seats_active as bigint) as seats_active,
    cast(seats_assigned - seats_active as bigint) as seats_idle,
    cast(
        case
            when committed_seats > seats_assigned then committed_seats - seats_assigned
            when committed_seats is not null and seats_assigned is not null then 0
        end as bigint
    ) as seats_unassigned,
    cast(full_seats as bigint) as full_seats,
    cast(prorated_seats as bigint) as prorated_seats,
    seat_price,
    {{ money('case when seat_price is not null then prorated_seat_fee end') }} as prorated_seat_fee,
    {{ money('full_seats * seat_price + prorated_seat_fee') }} as seat_fee,
    is_exported
from joined
