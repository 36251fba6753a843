{#
    A write into the cache is told with its class or without, never both ways for the same use: together they would be
    counted twice.
#}
select
    usage_date,
    vendor,
    account_id,
    product,
    principal_key,
    model
from {{ ref('fct_tokens_daily') }}
group by usage_date, vendor, account_id, product, principal_key, model
having
    count(case when token_type = 'cache_write' then 1 end) > 0
    and count(case when token_type in ('cache_write_5m', 'cache_write_1h') then 1 end) > 0
