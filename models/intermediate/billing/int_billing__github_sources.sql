{{ config(materialized='table', enabled=var('github_billing_enabled')) }}

{#
    One row per account, UTC day, class of SKU and billing report that tells of it, with what the report says and whether
    it speaks. One report speaks for each; the others are never added to it. An export that names users comes before an
    answer that does not: ai_credit and premium_request exports for their class, then the detailed export, the endpoint of
    the class, the usage endpoint, the summarized export; for all else detailed, usage, summarized.
    The last day of a file that somebody exported may be cut off: of it, a report that tells more comes first.
    The sum of a month speaks where nothing tells any of its days.
#}
with

items as (
    select * from {{ ref('int_billing__github_items') }}
),

told as (
    select
        account_id,
        sku_class,
        source_report,
        is_month,
        count(*) as row_count,
        {{ money('sum(gross_usd)') }} as gross_usd,
        {{ money('sum(discount_usd)') }} as discount_usd,
        {{ money('sum(net_usd)') }} as net_usd,
        max(case when may_be_cut_off then 1 else 0 end) = 1 as may_be_cut_off,
        cast({{ dbt.date_trunc('month', 'usage_date') }} as date) as usage_month,
        usage_date
    from items
    group by account_id, sku_class, source_report, is_month, usage_date
),

compared as (
    select
        *,
        may_be_cut_off
        and gross_usd < max(gross_usd) over (
            partition by account_id, sku_class, is_month, usage_date
        ) as is_cut_off
    from told
),

ranked as (
    select
        *,
        row_number() over (
            partition by account_id, sku_class, is_month, usage_date
            order by
                case when is_cut_off then 1 else 0 end,
                case
                    when sku_class <> 'other' and source_report = sku_class then 1
                    when
                        sku_class <> 'other'
                        and source_report in ('ai_credit', 'premium_request')
                        then 2
                    when source_report = 'detailed' then 3
                    when source_report in ('ai-credit-usage', 'premium-request-usage') then 4
                    when source_report = 'usage' then 5
                    when source_report = 'summarized' then 6
                    else 7
                end,
                {{ binary_order('source_report') }}
        ) as choice,
        min(case when is_month then 1 else 0 end) over (
            partition by account_id, sku_class, usage_month
        ) = 0 as has_days
    from compared
)

select
    account_id,
    sku_class,
    source_report,
    is_month,
    choice = 1 and not (is_month and has_days) as is_speaking,
    row_count,
    gross_usd,
    discount_usd,
    net_usd,
    usage_date
from ranked
