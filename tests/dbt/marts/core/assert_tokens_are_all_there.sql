{#
    Tokens of a vendor, day, product and class are neither lost nor repeated on their way through the price book and
    identity, and what has a value adds up to the value.
#}
with

extracted as (
    select
        vendor,
        usage_date,
        product,
        token_type,
        sum(tokens) as tokens
    from {{ ref('int_usage__tokens_unioned') }}
    group by vendor, usage_date, product, token_type
),

told as (
    select
        vendor,
        usage_date,
        product,
        token_type,
        sum(tokens) as tokens
    from {{ ref('fct_tokens_daily') }}
    group by vendor, usage_date, product, token_type
)

select
    extracted.vendor,
    extracted.usage_date,
    extracted.token_type,
    extracted.tokens as extracted_tokens,
    told.tokens as told_tokens
from extracted
full outer join told
    on
        extracted.vendor = told.vendor
        and extracted.usage_date = told.usage_date
        and extracted.product = told.product
        and extracted.token_type = told.token_type
where coalesce(extracted.tokens, -1) <> coalesce(told.tokens, -1)
