{{ config(enabled=var('anthropic_enabled')) }}

{#
    One row per day, account, product, principal and credit unit: what the use is worth at list price. Analytics days
    have the vendor's own list amounts, searches and sandboxes included; older ones their tokens at the dated list
    price, where all classes of a row have one; exports the vendor's estimate.
#}
with

reported as (
    select * from {{ ref('int_usage__anthropic_rows') }}
    where tells_credits
),

tokens_priced as (
    select * from {{ ref('int_usage__tokens_priced') }}
    where vendor = 'anthropic'
),

report_days as (
    select * from {{ ref('int_reports__days') }}
    where source = 'anthropic'
),

told as (
    select
        account_id,
        report,
        principal_key,
        product,
        case report when 'analytics-cost' then 'vendor_list' else 'vendor_estimate' end
            as value_basis,
        sum(value_usd) as usage_value_usd,
        count(*) as records,
        count(*) - count(value_usd) as unpriced_records,
        usage_date
    from reported
    where report in ('analytics-cost', 'spend-report-csv')
    group by account_id, report, principal_key, product, usage_date
),

{# What a row's price depends on; one class of tokens without a price leaves the row without a full value. #}
priced as (
    select
        account_id,
        principal_key,
        product,
        model_name,
        service_tier,
        context_window,
        inference_geo,
        speed,
        sum(list_value_usd) as list_value_usd,
        count(*) - count(list_value_usd) as unpriced_classes,
        usage_date
    from tokens_priced
    group by
        account_id,
        principal_key,
        product,
        model_name,
        service_tier,
        context_window,
        inference_geo,
        speed,
        usage_date
),

{# Several rows of the vendor may be one here: a workspace has no price of its own. #}
reported_tokens as (
    select
        account_id,
        report,
        principal_key,
        product,
        model_name,
        service_tier,
        context_window,
        inference_geo,
        speed,
        count(*) as records,
        usage_date
    from reported
    where
        report not in ('analytics-cost', 'spend-report-csv')
        and (
            uncached_input_tokens > 0
            or cache_read_input_tokens > 0
            or cache_write_5m_input_tokens > 0
            or cache_write_1h_input_tokens > 0
            or output_tokens > 0
        )
    group by
        account_id,
        report,
        principal_key,
        product,
        model_name,
        service_tier,
        context_window,
        inference_geo,
        speed,
        usage_date
),

worked_out as (
    select
        reported_tokens.account_id,
        reported_tokens.report,
        reported_tokens.principal_key,
        reported_tokens.product,
        'list_price' as value_basis,
        sum(case when priced.unpriced_classes = 0 then priced.list_value_usd end)
            as usage_value_usd,
        sum(reported_tokens.records) as records,
        sum(
            case when priced.unpriced_classes = 0 then 0 else reported_tokens.records end
        ) as unpriced_records,
        reported_tokens.usage_date
    from reported_tokens
    left join priced
        on
            reported_tokens.account_id = priced.account_id
            and reported_tokens.principal_key = priced.principal_key
            and reported_tokens.product = priced.product
            and reported_tokens.usage_date = priced.usage_date
            and reported_tokens.model_name is not distinct from priced.model_name
            and reported_tokens.service_tier is not distinct from priced.service_tier
            and reported_tokens.context_window is not distinct from priced.context_window
            and reported_tokens.inference_geo is not distinct from priced.inference_geo
            and reported_tokens.speed is not distinct from priced.speed
    group by
        reported_tokens.account_id,
        reported_tokens.report,
        reported_tokens.principal_key,
        reported_tokens.product,
        reported_tokens.usage_date
),

valued as (
    select * from told
    union all
    select * from worked_out
)

select
    valued.account_id,
    valued.principal_key,
    valued.product,
    'usd' as credit_unit,
    case when valued.usage_value_usd is null then 'unpriced' else valued.value_basis end
        as value_basis,
    {{ money('valued.usage_value_usd') }} as credits,
    {{ money('valued.usage_value_usd') }} as usage_value_usd,
    cast(valued.records as bigint) as records,
    cast(valued.unpriced_records as bigint) as unpriced_records,
    report_days.is_final,
    valued.usage_date,
    report_days.data_complete_through
from valued
inner join report_days
    on
        valued.account_id = report_days.account_id
        and valued.report = report_days.report
        and valued.usage_date = report_days.report_date
