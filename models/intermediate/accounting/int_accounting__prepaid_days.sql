{{ config(materialized='table') }}

{#
    One row per issuer, billing account, currency and day on which an account that pays in advance used something: what
    it takes from its lots, from the day of the first lot on; what was used before was paid otherwise. A credit of the
    vendor's takes from later use, never out of a lot that has been drawn: the day's demand is what the sum of net
    charges rises above all before it.
#}
with

charges as (
    select * from {{ ref('int_billing__billed_charges') }}
    where charge_category not in ('Purchase', 'Tax') and billed_cost is not null
),

accounts as (
    select * from {{ ref('int_billing__accounts') }}
    where payment_model = 'prepaid'
),

prepaid_lots as (
    select * from {{ ref('int_finance__prepaid_lots') }}
),

fx_rates as (
    select * from {{ ref('int_accounting__fx_rates') }}
),

first_lots as (
    select
        issuer,
        billing_account_id,
        currency,
        min(purchased_on) as first_day
    from prepaid_lots
    group by issuer, billing_account_id, currency
),

days as (
    select
        charges.issuer,
        charges.billing_account_id,
        accounts.billing_currency as currency,
        charges.billing_month,
        charges.charge_date as usage_date,
        sum(
            {{ in_currency(
                'charges.billed_cost',
                'charges.billing_currency',
                'accounts.billing_currency',
                'fx_rates.fx_rate'
            ) }}
        ) as net_amount
    from charges
    inner join accounts
        on
            charges.vendor = accounts.vendor
            and charges.account_id = accounts.account_id
    inner join first_lots
        on
            charges.issuer = first_lots.issuer
            and charges.billing_account_id = first_lots.billing_account_id
            and accounts.billing_currency = first_lots.currency
            and charges.charge_date >= first_lots.first_day
    left join fx_rates
        on
            charges.billing_month = fx_rates.billing_month
            and accounts.billing_currency = fx_rates.currency
    group by
        charges.issuer,
        charges.billing_account_id,
        accounts.billing_currency,
        charges.billing_month,
        charges.charge_date
),

running as (
    select
        *,
        sum(net_amount) over (
            partition by issuer, billing_account_id, currency
            order by usage_date
        ) as net_so_far
    from days
),

highest as (
    select
        *,
        max(case when net_so_far > 0 then net_so_far else 0 end) over (
            partition by issuer, billing_account_id, currency
            order by usage_date
        ) as highest_so_far
    from running
),

rising as (
    select
        *,
        coalesce(
            lag(highest_so_far) over (
                partition by issuer, billing_account_id, currency
                order by usage_date
            ),
            0
        ) as highest_before
    from highest
)

select
    issuer,
    billing_account_id,
    currency,
    billing_month,
    usage_date,
    {{ money('net_amount') }} as net_amount,
    {{ money('highest_so_far - highest_before') }} as demand_amount
from rising
