{{ config(enabled=var('cursor_enabled')) }}

{#
    One row per UTC day, account, product, principal, model and token class. Cursor's input has neither cache class in
    it, so the classes are disjoint as they come. Events without tokens have none here, which does not make them free.
#}
with

charges as (
    select * from {{ ref('int_usage__cursor_charges') }}
),

report_days as (
    select * from {{ ref('int_reports__days') }}
    where source = 'cursor'
),

token_classes as (
    {% for token_type in ['input_uncached', 'cache_read', 'cache_write', 'output'] %}
    select
        account_id,
        report,
        principal_key,
        product,
        model_name,
        '{{ token_type }}' as token_type,
        {{ token_type }}_tokens as tokens,
        usage_date
    from charges
    where {{ token_type }}_tokens <> 0
    {% if not loop.last %}union all{% endif %}

    {% endfor %}
),

tokens as (
    select
        account_id,
        report,
        principal_key,
        product,
        model_name,
        token_type,
        cast(sum(tokens) as bigint) as tokens,
        usage_date
    from token_classes
    group by account_id, report, principal_key, product, model_name, token_type, usage_date
)

select
    tokens.account_id,
    tokens.principal_key,
    tokens.product,
    tokens.model_name,
    tokens.token_type,
    cast(null as {{ dbt.type_string() }}) as service_tier,
    cast(null as {{ dbt.type_string() }}) as context_window,
    cast(null as {{ dbt.type_string() }}) as inference_geo,
    cast(null as {{ dbt.type_string() }}) as speed,
    tokens.tokens,
    report_days.is_final,
    tokens.usage_date,
    report_days.data_complete_through
from tokens
inner join report_days
    on
        tokens.account_id = report_days.account_id
        and tokens.report = report_days.report
        and tokens.usage_date = report_days.report_date
