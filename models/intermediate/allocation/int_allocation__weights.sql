{{ config(materialized='table') }}

{#
    One row per billing month, vendor, basis, series, cost center and reason: what an amount is split by.

    Basis usage_value: the value of the use, by series; under `all` of a vendor's use together, for amounts that are of no
    use in particular. Basis seats: the days of each seat at its price, of whoever held it, with the cost center on the
    last day of the billing period; a seat agreed that nobody holds weighs a full period. What has no cost center is
    UNALLOCATED and says why.
#}
with

metered_days as (
    select * from {{ ref('int_billing__metered_days') }}
),

principal_days as (
    select * from {{ ref('int_identity__principal_days') }}
),

principals as (
    select * from {{ ref('int_identity__principals_tagged') }}
),

principal_persons as (
    select * from {{ ref('int_identity__principal_persons') }}
),

roster_periods as (
    select * from {{ ref('int_identity__roster_periods') }}
),

account_months as (
    select * from {{ ref('int_seats__account_months') }}
),

holders as (
    select * from {{ ref('int_seats__holders') }}
),

seat_months as (
    select * from {{ ref('int_seats__months') }}
),

usage_weights as (
    select
        metered_days.billing_month,
        metered_days.vendor,
        metered_days.series,
        principal_days.cost_center_key,
        case
            when principal_days.cost_center_key is null
                then coalesce(principal_days.unattributed_reason, 'no_cost_center')
        end as unattributed_reason,
        metered_days.metered_usd as weight
    from metered_days
    left join principal_days
        on
            metered_days.vendor = principal_days.vendor
            and metered_days.principal_key = principal_days.principal_key
            and metered_days.usage_date = principal_days.usage_date
),

person_ends as (
    select person_key, max(person_ends_on) as person_ends_on
    from roster_periods
    group by person_key
),

seats as (
    select
        holders.billing_month,
        holders.vendor,
        holders.account_id,
        holders.plan,
        holders.days_held,
        coalesce(principals.is_person, true) as is_person,
        principals.tagged_cost_center_key,
        principal_persons.person_key,
        principal_persons.person_source,
        case
            when account_months.period_end > {{ as_of_date() }} then {{ as_of_date() }}
            else account_months.period_end
        end as held_on
    from holders
    inner join account_months
        on
            holders.billing_month = account_months.billing_month
            and holders.vendor = account_months.vendor
            and holders.account_id = account_months.account_id
    left join principals
        on
            holders.vendor = principals.vendor
            and holders.principal_key = principals.principal_key
    left join principal_persons
        on
            holders.vendor = principal_persons.vendor
            and holders.principal_key = principal_persons.principal_key
),

placed_seats as (
    select
        seats.billing_month,
        seats.vendor,
        seats.account_id,
        seats.plan,
        seats.days_held,
        case
            when seats.is_person then roster_periods.cost_center_key
            else seats.tagged_cost_center_key
        end as cost_center_key,
        case
            when not seats.is_person then 'no_owner_for_key'
            when seats.person_source = 'roster' and person_ends.person_ends_on < seats.held_on
                then 'left_company'
            when seats.person_source = 'roster' then 'no_cost_center'
            else 'unknown_user'
        end as reason_without_one
    from seats
    left join roster_periods
        on
            seats.person_key = roster_periods.person_key
            and seats.held_on between roster_periods.starts_on and roster_periods.ends_on
    left join person_ends
        on seats.person_key = person_ends.person_key
),

seat_weights as (
    select
        placed_seats.billing_month,
        placed_seats.vendor,
        placed_seats.cost_center_key,
        case when placed_seats.cost_center_key is null then placed_seats.reason_without_one end
            as unattributed_reason,
        placed_seats.days_held * coalesce(seat_months.seat_price, 1) as weight
    from placed_seats
    left join seat_months
        on
            placed_seats.billing_month = seat_months.billing_month
            and placed_seats.vendor = seat_months.vendor
            and placed_seats.account_id = seat_months.account_id
            and placed_seats.plan = seat_months.plan

    union all

    select
        seat_months.billing_month,
        seat_months.vendor,
        cast(null as {{ dbt.type_string() }}) as cost_center_key,
        'seat_not_assigned' as unattributed_reason,
        seat_months.seats_unassigned
        * ({{ days_between('account_months.period_start', 'account_months.period_end') }} + 1)
        * coalesce(seat_months.seat_price, 1) as weight
    from seat_months
    inner join account_months
        on
            seat_months.billing_month = account_months.billing_month
            and seat_months.vendor = account_months.vendor
            and seat_months.account_id = account_months.account_id
    where seat_months.seats_unassigned > 0
),

weights as (
    select
        billing_month,
        vendor,
        'usage_value' as basis,
        series,
        cost_center_key,
        unattributed_reason,
        weight
    from usage_weights

    union all

    select
        billing_month,
        vendor,
        'usage_value' as basis,
        'all' as series,
        cost_center_key,
        unattributed_reason,
        weight
    from usage_weights

    union all

    select
        billing_month,
        vendor,
        'seats' as basis,
        'all' as series,
        cost_center_key,
        unattributed_reason,
        weight
    from seat_weights
)

select
    billing_month,
    vendor,
    basis,
    series,
    coalesce(cost_center_key, 'UNALLOCATED') as cost_center_key,
    unattributed_reason,
    {{ money('sum(weight)') }} as weight
from weights
group by
    billing_month,
    vendor,
    basis,
    series,
    cost_center_key,
    unattributed_reason
