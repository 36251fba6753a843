{{ config(materialized='table') }}

{#
    One row per model that is used or has an alias, token class, price tier and day. NULL is a day without a price.

    A contract's price takes the place of exactly the tier that it names. Else a tier has the price that the library gives
    for it, or what the provider's multipliers make of the list price. A tier that none of them knows has no rows.
#}
with

tiers as (
    select * from {{ ref('int_prices__tiers') }}
),

list_days as (
    select * from {{ ref('int_prices__list_daily') }}
),

variants as (
    select * from {{ ref('stg_model_prices__model_price_variants') }}
),

models as (
    select * from {{ ref('int_prices__models') }}
),

price_multipliers as (
    select * from {{ ref('price_multipliers') }}
),

contract_prices as (
    select * from {{ ref('int_settings__contract_prices') }}
),

priced_tiers as (
    select distinct
        model_key,
        tier,
        coalesce(context_part, 'standard') as context_tier,
        service_part,
        geo_part,
        speed_part
    from tiers
    where model_key is not null

    union

    {# Whether used or not: what the list itself says. #}
    select distinct
        model_key,
        context_tier as tier,
        context_tier,
        cast(null as {{ dbt.type_string() }}) as service_part,
        cast(null as {{ dbt.type_string() }}) as geo_part,
        cast(null as {{ dbt.type_string() }}) as speed_part
    from list_days
),

multiplier_periods as (
    select
        provider,
        dimension,
        value,
        multiplier,
        valid_from,
        coalesce(valid_from, cast('0001-01-01' as date)) as starts_on,
        coalesce(
            {{ add_days(
                'lead(valid_from) over ('
                ~ 'partition by provider, dimension, value order by valid_from nulls first)', -1
            ) }},
            cast('9999-12-31' as date)
        ) as ends_on
    from price_multipliers
),

ordered_variants as (
    select
        *,
        lead(valid_from) over (
            partition by provider, model_id, tier, token_type, prompt_tokens_from
            order by valid_from nulls first
        ) as next_valid_from
    from variants
),

variant_periods as (
    select
        variants.provider || '/' || variants.model_id as model_key,
        variants.tier as variant_tier,
        variants.token_type,
        case when variants.prompt_tokens_from > 0 then 'long_context' else 'standard' end
            as context_tier,
        variants.usd_per_million,
        variants.valid_from,
        coalesce(variants.valid_from, cast('0001-01-01' as date)) as starts_on,
        {# The next start ends a price, whether the library has ended it or not. #}
        case
            when variants.valid_to < variants.next_valid_from then variants.valid_to
            else coalesce(
                {{ add_days('variants.next_valid_from', -1) }},
                variants.valid_to,
                cast('9999-12-31' as date)
            )
        end as ends_on
    from ordered_variants as variants
    inner join models
        on
            variants.provider = models.provider
            and variants.model_id = models.model_id
            and (
                variants.prompt_tokens_from = 0
                or variants.prompt_tokens_from = models.long_prompt_tokens_from
            )
),

tier_days as (
    select
        priced_tiers.model_key,
        priced_tiers.tier,
        list_days.token_type,
        list_days.price_date,
        list_days.usd_per_million as list_usd_per_million,
        list_days.price_source as list_source,
        list_days.gap_rule as list_gap_rule,
        list_days.valid_from as list_valid_from,
        variant_periods.usd_per_million as variant_usd_per_million,
        variant_periods.valid_from as variant_valid_from,
        case
            when priced_tiers.service_part is null then 1
            else service_multipliers.multiplier
        end as service_multiplier,
        case
            when priced_tiers.speed_part is null then 1
            else speed_multipliers.multiplier
        end as speed_multiplier,
        case
            when priced_tiers.geo_part is null then 1
            else geo_multipliers.multiplier
        end as geo_multiplier,
        {{ later_day('service_multipliers.valid_from', 'speed_multipliers.valid_from') }}
            as tier_valid_from,
        geo_multipliers.valid_from as geo_valid_from,
        contract_prices.usd_per_million as contract_usd_per_million,
        contract_prices.valid_from as contract_valid_from
    from priced_tiers
    inner join list_days
        on
            priced_tiers.model_key = list_days.model_key
            and priced_tiers.context_tier = list_days.context_tier
    left join variant_periods
        on
            priced_tiers.model_key = variant_periods.model_key
            and priced_tiers.context_tier = variant_periods.context_tier
            and coalesce(priced_tiers.service_part, priced_tiers.speed_part)
            = variant_periods.variant_tier
            and (priced_tiers.service_part is null or priced_tiers.speed_part is null)
            and list_days.token_type = variant_periods.token_type
            and list_days.price_date between variant_periods.starts_on
            and variant_periods.ends_on
    left join multiplier_periods as service_multipliers
        on
            list_days.provider = service_multipliers.provider
            and service_multipliers.dimension = 'service_tier'
            and priced_tiers.service_part = service_multipliers.value
            and list_days.price_date between service_multipliers.starts_on
            and service_multipliers.ends_on
    left join multiplier_periods as speed_multipliers
        on
            list_days.provider = speed_multipliers.provider
            and speed_multipliers.dimension = 'speed'
            and priced_tiers.speed_part = speed_multipliers.value
            and list_days.price_date between speed_multipliers.starts_on
            and speed_multipliers.ends_on
    left join multiplier_periods as geo_multipliers
        on
            list_days.provider = geo_multipliers.provider
            and geo_multipliers.dimension = 'inference_geo'
            and priced_tiers.geo_part = geo_multipliers.value
            and list_days.price_date between geo_multipliers.starts_on
            and geo_multipliers.ends_on
    left join contract_prices
        on
            priced_tiers.model_key = contract_prices.model_key
            and priced_tiers.tier = contract_prices.tier
            and list_days.token_type = contract_prices.token_type
            and list_days.price_date >= contract_prices.valid_from
            and list_days.price_date
            <= coalesce(contract_prices.valid_to, list_days.price_date)
),

chosen_prices as (
    select
        model_key,
        tier,
        token_type,
        price_date,
        case
            when contract_usd_per_million is not null then 'contract'
            when geo_multiplier is null then null
            when variant_usd_per_million is not null then 'list'
            when service_multiplier is null or speed_multiplier is null then null
            else list_source
        end as price_source,
        {# Only a price that rests on the list has the list's gaps. #}
        case
            when
                contract_usd_per_million is null
                and variant_usd_per_million is null
                and service_multiplier * speed_multiplier * geo_multiplier is not null
                then list_gap_rule
        end as gap_rule,
        case
            when contract_usd_per_million is not null then contract_usd_per_million
            when variant_usd_per_million is not null
                then {{ money('variant_usd_per_million * geo_multiplier') }}
            else
                {{ money(
                    'list_usd_per_million * service_multiplier * speed_multiplier * geo_multiplier'
                ) }}
        end as usd_per_million,
        case
            when contract_usd_per_million is not null then contract_valid_from
            when variant_usd_per_million is not null
                then {{ later_day('variant_valid_from', 'geo_valid_from') }}
            when tier_valid_from is null
                then {{ later_day('list_valid_from', 'geo_valid_from') }}
            when list_valid_from > tier_valid_from
                then {{ later_day('list_valid_from', 'geo_valid_from') }}
            else {{ later_day('tier_valid_from', 'geo_valid_from') }}
        end as valid_from
    from tier_days
),

known_tiers as (
    select distinct model_key, tier
    from chosen_prices
    where usd_per_million is not null or tier in ('standard', 'long_context')
)

select
    case
        when chosen_prices.usd_per_million is not null
            then
                chosen_prices.price_source
                || ':' || chosen_prices.model_key
                || ':' || chosen_prices.token_type
                || ':' || chosen_prices.tier
                || ':' || coalesce(
                    cast(chosen_prices.valid_from as {{ dbt.type_string() }}), 'always'
                )
    end as price_id,
    chosen_prices.model_key,
    chosen_prices.token_type,
    chosen_prices.tier,
    chosen_prices.usd_per_million,
    chosen_prices.price_source,
    chosen_prices.gap_rule is not null as is_gap_filled,
    chosen_prices.gap_rule,
    chosen_prices.price_date
from chosen_prices
inner join known_tiers
    on
        chosen_prices.model_key = known_tiers.model_key
        and chosen_prices.tier = known_tiers.tier
