{# A model's token class and tier has a row on every day from the first to the as-of day, priced or not. #}
with

series as (
    select
        model_key,
        token_type,
        tier,
        count(*) as days,
        {{ days_between('min(price_date)', 'max(price_date)') }} + 1 as days_from_first_to_last,
        max(price_date) as last_day
    from {{ ref('model_prices_daily') }}
    group by model_key, token_type, tier
)

select *
from series
where days <> days_from_first_to_last or last_day <> {{ as_of_date() }}
