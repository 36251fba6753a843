{# All metered use is compared once: the metered values add up to those of the ledger, in dollars and before any rate. #}
with

metered_days as (
    select sum(metered_usd) as metered_usd from {{ ref('int_billing__metered_days') }}
),

credits as (
    select sum(usage_value_usd) as usage_value_usd from {{ ref('fct_credits_daily') }}
)

select
    metered_days.metered_usd,
    credits.usage_value_usd
from metered_days
cross join credits
where metered_days.metered_usd is distinct from credits.usage_value_usd
