{{ config(enabled=var('anthropic_enabled')) }}

{#
    One row per day, account, principal, product, model, token class and what else a price depends on. The vendor's five
    classes are disjoint; a flat number of cache writes is not in any report.
#}
with

rows_of_tokens as (
    select * from {{ ref('int_usage__anthropic_rows') }}
    where tells_tokens
),

report_days as (
    select * from {{ ref('int_reports__days') }}
    where source = 'anthropic'
),

{% set classes = {
    'input_uncached': 'uncached_input_tokens',
    'cache_read': 'cache_read_input_tokens',
    'cache_write_5m': 'cache_write_5m_input_tokens',
    'cache_write_1h': 'cache_write_1h_input_tokens',
    'output': 'output_tokens',
} %}
counted as (
    {% for token_type, column in classes.items() %}
    select
        account_id,
        report,
        principal_key,
        product,
        model_name,
        '{{ token_type }}' as token_type,
        service_tier,
        context_window,
        inference_geo,
        speed,
        {{ column }} as tokens,
        usage_date
    from rows_of_tokens
    where {{ column }} > 0
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
),

summed as (
    select
        account_id,
        report,
        principal_key,
        product,
        model_name,
        token_type,
        service_tier,
        context_window,
        inference_geo,
        speed,
        cast(sum(tokens) as bigint) as tokens,
        usage_date
    from counted
    group by
        account_id,
        report,
        principal_key,
        product,
        model_name,
        token_type,
        service_tier,
        context_window,
        inference_geo,
        speed,
        usage_date
)

select
    summed.account_id,
    summed.principal_key,
    summed.product,
    summed.model_name,
    summed.token_type,
    summed.service_tier,
    summed.context_window,
    summed.inference_geo,
    summed.speed,
    summed.tokens,
    report_days.is_final,
    summed.usage_date,
    report_days.data_complete_through
from summed
inner join report_days
    on
        summed.account_id = report_days.account_id
        and summed.report = report_days.report
        and summed.usage_date = report_days.report_date
