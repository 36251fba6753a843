{#
    One row per vendor, field and value of any vendor that a seed or the price book does not know, with what hangs on it.
#}
with

tokens as (
    select * from {{ ref('int_usage__tokens_priced') }}
),

model_names as (
    select * from {{ ref('int_prices__model_names') }}
),

credits as (
    select * from {{ ref('int_usage__credits_unioned') }}
),

principals as (
    select * from {{ ref('int_identity__principals_unioned') }}
),

api_key_tags as (
    select * from {{ ref('int_settings__api_key_tags') }}
)

{# An alias that says "no model in particular" is an answer. #}
select
    tokens.vendor,
    'model' as field,
    coalesce(nullif(tokens.model_name, ''), 'unknown') as value,
    count(*) as records,
    cast(sum(tokens.tokens) as bigint) as tokens,
    cast(null as decimal(38, 9)) as usage_value_usd,
    min(tokens.usage_date) as first_seen_date,
    max(tokens.usage_date) as last_seen_date
from tokens
left join model_names
    on
        tokens.vendor = model_names.vendor
        and tokens.model_name = model_names.model_name
where tokens.model_key is null and coalesce(model_names.matched_by, 'none') = 'none'
group by tokens.vendor, coalesce(nullif(tokens.model_name, ''), 'unknown')

union all

select
    vendor,
    'price' as field,
    model_key || ' ' || token_type || ' ' || tier as value,
    count(*) as records,
    cast(sum(tokens) as bigint) as tokens,
    cast(null as decimal(38, 9)) as usage_value_usd,
    min(usage_date) as first_seen_date,
    max(usage_date) as last_seen_date
from tokens
where model_key is not null and price_id is null
group by vendor, model_key || ' ' || token_type || ' ' || tier

union all

select
    vendor,
    'credit_price' as field,
    credit_unit as value,
    cast(sum(records) as bigint) as records,
    cast(null as bigint) as tokens,
    cast(null as decimal(38, 9)) as usage_value_usd,
    min(usage_date) as first_seen_date,
    max(usage_date) as last_seen_date
from credits
where credits is not null and usage_value_usd is null
group by vendor, credit_unit

union all

{#
    A tag that fits no principal of a vendor that has some is a slip of the pen, or a key that was deleted before it was
    used.
#}
select
    api_key_tags.vendor,
    'api_key_tag' as field,
    api_key_tags.principal_key as value,
    cast(0 as bigint) as records,
    cast(null as bigint) as tokens,
    cast(null as decimal(38, 9)) as usage_value_usd,
    cast(null as date) as first_seen_date,
    cast(null as date) as last_seen_date
from api_key_tags
left join principals
    on
        api_key_tags.vendor = principals.vendor
        and api_key_tags.principal_key = principals.principal_key
where
    principals.principal_key is null
    and api_key_tags.vendor in (select known.vendor from principals as known)
