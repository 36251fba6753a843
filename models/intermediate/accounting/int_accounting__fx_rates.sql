{#
    One row per billing month and currency that anything is billed in: what a US dollar costs by your books on the last
    day of the month. A currency without a rate has none.
#}
with

charges as (
    select * from {{ ref('int_billing__billed_charges') }}
),

accounts as (
    select * from {{ ref('int_billing__accounts') }}
),

invoices as (
    select * from {{ ref('int_billing__invoices') }}
),

prepaid_lots as (
    select * from {{ ref('int_finance__prepaid_lots') }}
),

calendar as (
    select * from {{ ref('int_calendar__days') }}
),

fx_rates as (
    select * from {{ ref('int_finance__fx_rates') }}
),

currencies as (
    select billing_currency as currency from charges
    union
    select billing_currency as currency from accounts
    union
    select currency from invoices
    union
    select currency from prepaid_lots
    union
    select currency from fx_rates
),

months as (
    select distinct cast({{ dbt.date_trunc('month', 'date_day') }} as date) as billing_month
    from calendar

    union

    select billing_month from charges
),

rates_by_age as (
    select
        months.billing_month,
        currencies.currency,
        fx_rates.rate,
        row_number() over (
            partition by months.billing_month, currencies.currency
            order by fx_rates.valid_from desc nulls last
        ) as rate_age
    from months
    cross join currencies
    left join fx_rates
        on
            currencies.currency = fx_rates.currency
            and {{ month_end('months.billing_month') }}
            >= fx_rates.valid_from
)

select
    billing_month,
    currency,
    {{ money("case when currency = 'USD' then 1 else rate end") }} as fx_rate
from rates_by_age
where rate_age = 1
