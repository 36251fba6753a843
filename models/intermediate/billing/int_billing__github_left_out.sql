{{ config(enabled=var('github_billing_enabled')) }}

{#
    One row per account, month, product and SKU of GitHub's billing data that is no spend on coding agents and therefore
    in no charge: so that what is left out can be counted. Only the report that speaks is counted.
#}
with

items as (
    select
        *,
        cast({{ dbt.date_trunc('month', 'usage_date') }} as date) as usage_month
    from {{ ref('int_billing__github_items') }}
    where not is_ai
),

sources as (
    select * from {{ ref('int_billing__github_sources') }}
    where is_speaking
)

select
    items.account_id,
    items.product,
    items.sku,
    items.is_known_product,
    count(*) as row_count,
    {{ money('sum(items.gross_usd)') }} as gross_usd,
    {{ money('sum(items.net_usd)') }} as net_usd,
    items.usage_month
from items
inner join sources
    on
        items.account_id = sources.account_id
        and items.usage_date = sources.usage_date
        and items.sku_class = sources.sku_class
        and items.source_report = sources.source_report
        and items.is_month = sources.is_month
group by
    items.account_id, items.product, items.sku, items.is_known_product, items.usage_month
