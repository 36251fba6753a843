{{ config(materialized='table') }}

{#
    One row per vendor and combination of model name, service tier, context window, inference location and speed that
    was used: the model and the price tier that follow from it.

    A word by which the provider multiplies its price with 1 is the standard and leaves no trace in the tier. The words
    that are left stand in the tier, joined by +. A window of more than 200,000 tokens is long_context where the model has
    a price for long prompts; where the vendor does not tell the length of the prompts, they are taken for short.
#}
with

tokens as (
    select * from {{ ref('int_usage__tokens_unioned') }}
),

model_names as (
    select * from {{ ref('int_prices__model_names') }}
),

models as (
    select * from {{ ref('int_prices__models') }}
),

price_multipliers as (
    select * from {{ ref('price_multipliers') }}
),

{# An empty word is none: the two never stand for different things. #}
used_combinations as (
    select distinct
        vendor,
        nullif(model_name, '') as model_name,
        nullif(service_tier, '') as service_tier,
        nullif(context_window, '') as context_window,
        nullif(inference_geo, '') as inference_geo,
        nullif(speed, '') as speed
    from tokens
),

standard_words as (
    select distinct provider, dimension, value
    from price_multipliers
    where multiplier = 1
),

named_combinations as (
    select
        used_combinations.vendor,
        used_combinations.model_name,
        used_combinations.service_tier,
        used_combinations.context_window,
        used_combinations.inference_geo,
        used_combinations.speed,
        model_names.model_key,
        {{ dbt.split_part('model_names.model_key', "'/'", 1) }} as provider,
        models.long_prompt_tokens_from
    from used_combinations
    left join model_names
        on
            used_combinations.vendor = model_names.vendor
            and used_combinations.model_name = model_names.model_name
    left join models
        on model_names.model_key = models.model_key
),

priced_words as (
    select
        named_combinations.vendor,
        named_combinations.model_name,
        named_combinations.service_tier,
        named_combinations.context_window,
        named_combinations.inference_geo,
        named_combinations.speed,
        named_combinations.model_key,
        case
            when
                named_combinations.context_window = '200k-1M'
                and named_combinations.long_prompt_tokens_from <= 200000
                then 'long_context'
        end as context_part,
        case
            when standard_services.value is null then lower(named_combinations.service_tier)
        end as service_part,
        case
            when standard_geos.value is null then lower(named_combinations.inference_geo)
        end as geo_part,
        case
            when standard_speeds.value is null then lower(named_combinations.speed)
        end as speed_part
    from named_combinations
    left join standard_words as standard_services
        on
            named_combinations.provider = standard_services.provider
            and standard_services.dimension = 'service_tier'
            and lower(named_combinations.service_tier) = standard_services.value
    left join standard_words as standard_geos
        on
            named_combinations.provider = standard_geos.provider
            and standard_geos.dimension = 'inference_geo'
            and lower(named_combinations.inference_geo) = standard_geos.value
    left join standard_words as standard_speeds
        on
            named_combinations.provider = standard_speeds.provider
            and standard_speeds.dimension = 'speed'
            and lower(named_combinations.speed) = standard_speeds.value
),

joined_words as (
    select
        *,
        coalesce('+' || context_part, '')
        || coalesce('+' || service_part, '')
        || coalesce('+' || geo_part, '')
        || coalesce('+' || speed_part, '') as parts
    from priced_words
)

select
    vendor,
    model_name,
    service_tier,
    context_window,
    inference_geo,
    speed,
    model_key,
    case
        when model_key is null then null
        when parts = '' then 'standard'
        else substring(parts, 2)
    end as tier,
    context_part,
    service_part,
    geo_part,
    speed_part
from joined_words
