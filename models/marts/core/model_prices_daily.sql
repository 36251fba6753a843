{#
    One row per model, token class, price tier and day: the price of a million tokens. For models that are used or have
    an alias, from the first use (or 400 days back) to the as-of day; NULL is a day without a known price.
#}
with

prices as (
    select * from {{ ref('int_prices__daily') }}
)

select
    price_date,
    model_key,
    token_type,
    tier,
    price_id,
    usd_per_million,
    price_source,
    gap_rule,
    is_gap_filled
from prices
