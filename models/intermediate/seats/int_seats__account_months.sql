{{ config(materialized='table') }}

{#
    One row per billing month, vendor and account, from the first month in which anything was used, billed or listed under
    the account to the month of the as-of day: its billing period, and whether the vendor lists its seats.
#}
with

accounts as (
    select * from {{ ref('int_billing__accounts') }}
),

listings as (
    select * from {{ ref('int_seats__listings') }}
),

credits as (
    select * from {{ ref('int_usage__credits_unioned') }}
),

charges as (
    select * from {{ ref('int_billing__billed_charges') }}
),

invoices as (
    select * from {{ ref('int_billing__invoices') }}
),

calendar as (
    select * from {{ ref('int_calendar__days') }}
),

listed_accounts as (
    select
        vendor,
        account_id,
        min(list_date) as first_day
    from listings
    group by vendor, account_id
),

{# Who lists seats and nothing else is an account too, and bills itself. #}
all_accounts as (
    select
        vendor,
        account_id,
        issuer,
        billing_account_id,
        billing_currency,
        cycle_day
    from accounts

    union all

    select
        listed_accounts.vendor,
        listed_accounts.account_id,
        listed_accounts.vendor as issuer,
        listed_accounts.account_id as billing_account_id,
        'USD' as billing_currency,
        1 as cycle_day
    from listed_accounts
    left join accounts
        on
            listed_accounts.vendor = accounts.vendor
            and listed_accounts.account_id = accounts.account_id
    where accounts.vendor is null
),

signs as (
    select vendor, account_id, first_day from listed_accounts

    union all

    select vendor, account_id, min(usage_date) as first_day
    from credits
    group by vendor, account_id

    union all

    select vendor, account_id, min(charge_date) as first_day
    from charges
    group by vendor, account_id

    union all

    select all_accounts.vendor, all_accounts.account_id, min(invoices.period_end) as first_day
    from all_accounts
    inner join invoices
        on
            all_accounts.issuer = invoices.issuer
            and all_accounts.billing_account_id = invoices.billing_account_id
    group by all_accounts.vendor, all_accounts.account_id
),

first_days as (
    select
        vendor,
        account_id,
        min(first_day) as first_day
    from signs
    group by vendor, account_id
),

{# One month more than the calendar has: a period that has begun may end next month. #}
months as (
    select distinct cast({{ dbt.date_trunc('month', 'date_day') }} as date) as billing_month
    from calendar

    union

    select distinct
        cast({{ dbt.dateadd('month', 1, dbt.date_trunc('month', 'date_day')) }} as date)
            as billing_month
    from calendar
)

select
    months.billing_month,
    all_accounts.vendor,
    all_accounts.account_id,
    all_accounts.issuer,
    all_accounts.billing_account_id,
    all_accounts.billing_currency,
    {{ billing_period_start('months.billing_month', 'all_accounts.cycle_day') }} as period_start,
    {{ add_days(billing_period_end('months.billing_month', 'all_accounts.cycle_day'), -1) }}
        as period_end,
    listed_accounts.vendor is not null as lists_seats
from all_accounts
inner join first_days
    on
        all_accounts.vendor = first_days.vendor
        and all_accounts.account_id = first_days.account_id
inner join months
    on
        {{ billing_month('first_days.first_day', 'all_accounts.cycle_day') }}
        <= months.billing_month
        and {{ billing_month(as_of_date(), 'all_accounts.cycle_day') }} >= months.billing_month
left join listed_accounts
    on
        all_accounts.vendor = listed_accounts.vendor
        and all_accounts.account_id = listed_accounts.account_id
