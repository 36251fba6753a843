{#
    One row per swap whose two values have list prices on its day: whether these are the same. Of two models every class
    of tokens is compared; of two classes of cache writes the prices of the model that leads on the day.
#}
with

swaps as (
    select * from {{ ref('int_tasks__swaps') }}
),

trait_days as (
    select * from {{ ref('int_tasks__trait_days') }}
    where swap_kind = 'model'
),

call_prices as (
    select * from {{ ref('int_tasks__call_prices') }}
    where tier = 'standard'
),

leads as (
    select
        workflow_id,
        usage_date,
        trait_value as model_key,
        row_number() over (
            partition by workflow_id, usage_date
            order by
                tokens desc nulls last,
                calls desc nulls last,
                {{ binary_order('trait_value') }}
        ) as lead_number
    from trait_days
)

select
    swaps.swap_key,
    {% for token_type in token_types() -%}
    {{ 'and ' if not loop.first }}coalesce(prices_before.{{ token_type }}_usd_per_million, -1)
    = coalesce(prices_after.{{ token_type }}_usd_per_million, -1)
    {% endfor %} as is_same_list_price
from swaps
inner join call_prices as prices_before
    on
        swaps.value_before = prices_before.model_key
        and swaps.swapped_on = prices_before.price_date
inner join call_prices as prices_after
    on
        swaps.value_after = prices_after.model_key
        and swaps.swapped_on = prices_after.price_date
where
    swaps.swap_kind = 'model'
    {% for price in ['input_uncached', 'output'] -%}
    and prices_before.{{ price }}_usd_per_million is not null
    and prices_after.{{ price }}_usd_per_million is not null
    {% endfor %}

union all

select
    swaps.swap_key,
    call_prices.cache_write_5m_usd_per_million = call_prices.cache_write_1h_usd_per_million
        as is_same_list_price
from swaps
inner join leads
    on
        swaps.workflow_id = leads.workflow_id
        and swaps.swapped_on = leads.usage_date
        and leads.lead_number = 1
inner join call_prices
    on
        leads.model_key = call_prices.model_key
        and swaps.swapped_on = call_prices.price_date
where
    swaps.swap_kind = 'cache_write_class'
    and call_prices.cache_write_5m_usd_per_million is not null
    and call_prices.cache_write_1h_usd_per_million is not null
