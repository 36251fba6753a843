{{ config(enabled=var('github_copilot_enabled')) }}

{#
    One row per GitHub user and day: the AI credits that GitHub says were consumed, and their value at the dated list
    price. A consumption signal, not a bill: what GitHub bills follows seats, pools and discounts.
#}
with

user_days as (
    select * from {{ ref('int_usage__github_copilot_user_days') }}
),

report_days as (
    select * from {{ ref('int_usage__github_copilot_report_days') }}
),

coverage as (
    select * from {{ ref('int_usage__github_copilot_coverage') }}
),

credit_prices as (
    select * from {{ ref('credit_prices') }}
),

ai_credit_prices as (
    select * from credit_prices
    where vendor = 'github_copilot' and credit_unit = 'ai_credit'
)

select
    user_days.account_id,
    user_days.user_key as principal_key,
    'copilot' as product,
    'ai_credit' as credit_unit,
    case
        when user_days.ai_credits is not null and ai_credit_prices.usd_per_credit is not null
            then 'credit_price'
        else 'unpriced'
    end as value_basis,
    user_days.ai_credits as credits,
    {{ money('user_days.ai_credits * ai_credit_prices.usd_per_credit') }} as usage_value_usd,
    report_days.is_final,
    user_days.usage_date,
    coverage.data_complete_through
from user_days
inner join report_days
    on
        user_days.report_load_key = report_days.report_load_key
        and user_days.usage_date = report_days.usage_date
inner join coverage
    on user_days.account_id = coverage.account_id
left join ai_credit_prices
    on
        user_days.usage_date >= ai_credit_prices.valid_from
        and user_days.usage_date <= coalesce(ai_credit_prices.valid_to, user_days.usage_date)
