{#
    One row per vendor, account, UTC day, comparison key, series and model whose metered tokens all have a list price,
    where other use of the key on that day has none: what can be told apart from the unpriced use. Only where the use is
    valued by its tokens; a vendor's own amount has no models, nor has use of which nothing has a value.
#}
with

metered_days as (
    select * from {{ ref('int_billing__metered_days') }}
    where
        unpriced_records > 0
        and credit_unit = 'usd'
        and not is_vendor_valued
        and metered_usd is not null
),

tokens_priced as (
    select * from {{ ref('int_usage__tokens_priced') }}
    where product <> 'codex'
),

keys_of_principals as (
    select distinct
        vendor,
        account_id,
        principal_key,
        comparison_key,
        series,
        usage_date
    from metered_days
)

select
    keys_of_principals.vendor,
    keys_of_principals.account_id,
    keys_of_principals.comparison_key,
    keys_of_principals.series,
    tokens_priced.model_name,
    {{ money('sum(tokens_priced.list_value_usd)') }} as list_value_usd,
    keys_of_principals.usage_date
from keys_of_principals
inner join tokens_priced
    on
        keys_of_principals.vendor = tokens_priced.vendor
        and keys_of_principals.account_id = tokens_priced.account_id
        and keys_of_principals.principal_key = tokens_priced.principal_key
        and keys_of_principals.usage_date = tokens_priced.usage_date
where tokens_priced.model_name is not null
group by
    keys_of_principals.vendor,
    keys_of_principals.account_id,
    keys_of_principals.comparison_key,
    keys_of_principals.series,
    tokens_priced.model_name,
    keys_of_principals.usage_date
having count(*) = count(tokens_priced.list_value_usd)
