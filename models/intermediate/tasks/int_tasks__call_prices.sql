{{ config(materialized='table') }}

{#
    One row per model, price tier and day: the prices of the six classes of tokens beside each other. The tiers are those
    that a trace can tell: standard, and long_context by the length of the prompt.
#}
with

models_used as (
    select * from {{ ref('int_tasks__models_used') }}
),

model_names as (
    select * from {{ ref('int_prices__model_names') }}
),

prices as (
    select * from {{ ref('int_prices__daily') }}
),

traced_models as (
    select distinct model_names.model_key
    from models_used
    inner join model_names
        on
            models_used.vendor = model_names.vendor
            and models_used.model_name = model_names.model_name
    where model_names.model_key is not null
)

select
    prices.model_key,
    prices.tier,
    {% for token_type in token_types() -%}
    {{ money(
        "max(case when prices.token_type = '" ~ token_type ~ "' then prices.usd_per_million end)"
    ) }} as {{ token_type }}_usd_per_million,
    {% endfor -%}
    prices.price_date
from prices
inner join traced_models
    on prices.model_key = traced_models.model_key
where prices.tier in ('standard', 'long_context')
group by prices.model_key, prices.tier, prices.price_date
