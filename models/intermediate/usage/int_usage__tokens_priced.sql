{{ config(materialized='table') }}

{#
    One row per vendor and row of its token model, valued at the dated list price. What has no model, no tier with a
    price or no price on the day has no value; it is never zero. Words of the tier are compared with NULL as a word too.
#}
with

tiers as (
    select * from {{ ref('int_prices__tiers') }}
),

prices as (
    select * from {{ ref('int_prices__daily') }}
),

tokens_unioned as (
    select * from {{ ref('int_usage__tokens_unioned') }}
)

select
    tokens_unioned.vendor,
    tokens_unioned.account_id,
    tokens_unioned.principal_key,
    tokens_unioned.product,
    tokens_unioned.model_name,
    tiers.model_key,
    tokens_unioned.token_type,
    tokens_unioned.service_tier,
    tokens_unioned.context_window,
    tokens_unioned.inference_geo,
    tokens_unioned.speed,
    tiers.tier,
    prices.price_id,
    tokens_unioned.tokens,
    {{ per_million('tokens_unioned.tokens', 'prices.usd_per_million') }} as list_value_usd,
    tokens_unioned.is_final,
    tokens_unioned.usage_date,
    tokens_unioned.data_complete_through
from tokens_unioned
left join tiers
    on
        tokens_unioned.vendor = tiers.vendor
        and coalesce(tokens_unioned.model_name, '') = coalesce(tiers.model_name, '')
        and coalesce(tokens_unioned.service_tier, '') = coalesce(tiers.service_tier, '')
        and coalesce(tokens_unioned.context_window, '') = coalesce(tiers.context_window, '')
        and coalesce(tokens_unioned.inference_geo, '') = coalesce(tiers.inference_geo, '')
        and coalesce(tokens_unioned.speed, '') = coalesce(tiers.speed, '')
left join prices
    on
        tiers.model_key = prices.model_key
        and tiers.tier = prices.tier
        and tokens_unioned.token_type = prices.token_type
        and tokens_unioned.usage_date = prices.price_date
