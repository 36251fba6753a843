{{ config(enabled=var('cursor_enabled')) }}

{# One row per UTC hour, account, principal and product: what Cursor charged. #}
with

charges as (
    select * from {{ ref('int_usage__cursor_charges') }}
)

select
    account_id,
    principal_key,
    product,
    {{ cents_to_usd('sum(charged_cents)') }} as credits,
    {{ cents_to_usd('sum(charged_cents)') }} as usage_value_usd,
    cast(sum(records) as bigint) as records,
    cast(sum(unpriced_records) as bigint) as unpriced_records,
    usage_hour
from charges
group by account_id, principal_key, product, usage_hour
