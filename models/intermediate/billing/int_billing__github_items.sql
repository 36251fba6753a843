{{ config(enabled=var('github_billing_enabled')) }}

{#
    One row per row of any of GitHub's billing reports. They tell of the same use: int_billing__github_sources says which
    one speaks. What is billed in AI credits, in premium requests and otherwise are classes of their own.

    The usage endpoint answers for a day, or for a month. In a month's answer items have their days, or all stand on
    the first: then it is the sum of the month.
#}
with

export_rows as (
    select * from {{ ref('stg_github_billing__export_rows') }}
),

model_items as (
    select * from {{ ref('stg_github_billing__model_items') }}
),

usage_items as (
    select * from {{ ref('stg_github_billing__usage_items') }}
),

billing_products as (
    select * from {{ ref('billing_products') }}
    where vendor = 'github_copilot'
),

dated_usage_items as (
    select
        *,
        coalesce(
            usage_date,
            case
                when item_date like '____-__-__%' then cast(substring(item_date, 1, 10) as date)
            end,
            usage_month
        ) as item_day
    from usage_items
),

usage_items_by_period as (
    select
        *,
        report = 'usage-month'
        and max(item_day) over (partition by account_id, report, usage_month) = usage_month
            as is_month
    from dated_usage_items
),

items as (
    select
        report as source_report,
        report_load_key,
        row_ordinal as item_ordinal,
        account_id,
        login_key,
        report <> 'summarized' as tells_user,
        product,
        sku,
        sku_text,
        model_name,
        organization,
        cost_center_name,
        cast(null as {{ dbt.type_string() }}) as cost_center_id,
        quantity,
        unit,
        unit_price,
        gross_amount,
        discount_amount,
        net_amount,
        extra,
        false as is_month,
        {# Whoever exported it may have done so on that day, before it was over. #}
        is_dropped_file
        and usage_date = max(usage_date) over (partition by account_id, report, file_name)
            as may_be_cut_off,
        usage_date
    from export_rows

    union all

    select
        report as source_report,
        report_load_key,
        record_ordinal as item_ordinal,
        account_id,
        login_key,
        false as tells_user,
        product,
        sku,
        sku_text,
        model_name,
        organization,
        null as cost_center_name,
        null as cost_center_id,
        gross_quantity as quantity,
        unit,
        unit_price,
        gross_amount,
        discount_amount,
        net_amount,
        extra,
        false as is_month,
        false as may_be_cut_off,
        usage_date
    from model_items

    union all

    select
        'usage' as source_report,
        report_load_key,
        record_ordinal as item_ordinal,
        account_id,
        null as login_key,
        false as tells_user,
        product,
        sku,
        sku_text,
        null as model_name,
        organization,
        null as cost_center_name,
        cost_center_id,
        quantity,
        unit,
        unit_price,
        gross_amount,
        discount_amount,
        net_amount,
        extra,
        is_month,
        false as may_be_cut_off,
        item_day as usage_date
    from usage_items_by_period
),

classified_items as (
    select
        *,
        case
            when sku like '%ai_credit' or unit = 'ai_credits' then 'ai_credit'
            when sku like '%premium_request' or unit = 'requests' then 'premium_request'
            else 'other'
        end as sku_class
    from items
)

select
    classified_items.source_report,
    classified_items.report_load_key,
    classified_items.item_ordinal,
    classified_items.account_id,
    classified_items.login_key,
    classified_items.tells_user,
    coalesce(classified_items.product, 'unknown') as product,
    coalesce(classified_items.sku, 'unknown') as sku,
    classified_items.sku_text,
    classified_items.sku_class,
    coalesce(sku_products.series, other_skus.series) as product_series,
    coalesce(sku_products.is_ai, other_skus.is_ai, classified_items.sku_class <> 'other') as is_ai,
    coalesce(sku_products.is_ai, other_skus.is_ai) is not null as is_known_product,
    classified_items.model_name,
    classified_items.organization,
    classified_items.cost_center_name,
    classified_items.cost_center_id,
    {{ money('classified_items.quantity') }} as quantity,
    classified_items.unit,
    {{ money('classified_items.unit_price') }} as unit_price,
    {{ money('classified_items.gross_amount') }} as gross_usd,
    {{ money('classified_items.discount_amount') }} as discount_usd,
    {{ money('classified_items.net_amount') }} as net_usd,
    classified_items.extra,
    classified_items.is_month,
    coalesce(classified_items.may_be_cut_off, false) as may_be_cut_off,
    classified_items.usage_date
from classified_items
left join billing_products as sku_products
    on
        classified_items.product = sku_products.product
        and classified_items.sku = sku_products.sku
left join billing_products as other_skus
    on
        classified_items.product = other_skus.product
        and other_skus.sku = '*'
