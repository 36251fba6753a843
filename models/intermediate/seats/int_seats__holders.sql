{{ config(materialized='table') }}

{#
    One row per billing month, vendor, account, plan and principal who held a seat on any day of the billing period.

    A seat that begins inside the period pays for its days from the first on, that day included; a seat that ends inside it
    pays to the end. Active is who used it on one of the last 30 days of the period, or of those that have passed.
#}
with

account_months as (
    select * from {{ ref('int_seats__account_months') }}
),

spans as (
    select * from {{ ref('int_seats__spans') }}
),

plan_months as (
    select * from {{ ref('int_seats__plan_months') }}
),

listings as (
    select * from {{ ref('int_seats__listings') }}
),

activity as (
    select * from {{ ref('int_usage__activity_unioned') }}
),

credits as (
    select * from {{ ref('int_usage__credits_unioned') }}
),

only_plans as (
    select billing_month, vendor, account_id, plan
    from plan_months
    where plans = 1
),

{# Consumed credits are use, although they do not make a day active: a seat that costs is not idle. #}
days_of_use as (
    select vendor, principal_key, usage_date from activity
    where is_active

    union

    select vendor, principal_key, usage_date from credits
    where credits > 0

    union

    select vendor, principal_key, last_activity_date as usage_date from listings
    where principal_key is not null and last_activity_date is not null
),

held as (
    select
        account_months.billing_month,
        account_months.vendor,
        account_months.account_id,
        coalesce(spans.plan_name, only_plans.plan, 'unknown') as plan,
        spans.principal_key,
        account_months.period_start,
        account_months.period_end,
        case
            when account_months.period_end > {{ as_of_date() }} then {{ as_of_date() }}
            else account_months.period_end
        end as window_end,
        min(coalesce(spans.starts_on, account_months.period_start)) as starts_on
    from account_months
    inner join spans
        on
            account_months.vendor = spans.vendor
            and account_months.account_id = spans.account_id
            and (spans.starts_on is null or account_months.period_end >= spans.starts_on)
            and (spans.ends_on is null or account_months.period_start <= spans.ends_on)
    left join only_plans
        on
            account_months.billing_month = only_plans.billing_month
            and account_months.vendor = only_plans.vendor
            and account_months.account_id = only_plans.account_id
    group by
        account_months.billing_month,
        account_months.vendor,
        account_months.account_id,
        coalesce(spans.plan_name, only_plans.plan, 'unknown'),
        spans.principal_key,
        account_months.period_start,
        account_months.period_end
),

users as (
    select distinct
        held.billing_month,
        held.vendor,
        held.account_id,
        held.principal_key
    from held
    inner join days_of_use
        on
            held.vendor = days_of_use.vendor
            and held.principal_key = days_of_use.principal_key
            and held.window_end >= days_of_use.usage_date
            and {{ add_days('held.window_end', -29) }} <= days_of_use.usage_date
)

select
    held.billing_month,
    held.vendor,
    held.account_id,
    held.plan,
    held.principal_key,
    held.starts_on > held.period_start as is_prorated,
    case
        when held.starts_on > held.period_start
            then {{ days_between('held.starts_on', 'held.period_end') }} + 1
        else {{ days_between('held.period_start', 'held.period_end') }} + 1
    end as days_held,
    {{ days_between('held.period_start', 'held.period_end') }} + 1 as days_in_period,
    users.principal_key is not null as is_active
from held
left join users
    on
        held.billing_month = users.billing_month
        and held.vendor = users.vendor
        and held.account_id = users.account_id
        and held.principal_key = users.principal_key
