{{ config(enabled=var('openai_enabled')) }}

{#
    One row per day, account, principal, product, model, token class and service tier or speed: tokens in classes that
    do not overlap. Codex tells them by model, and for some users not at all.
#}
{% set token_types = {
    'input_uncached': 'input_uncached_tokens',
    'cache_read': 'cache_read_tokens',
    'cache_write': 'cache_write_tokens',
    'output': 'output_tokens',
} %}
with

results as (
    select * from {{ ref('int_usage__openai_results') }}
),

codex_days as (
    select * from {{ ref('int_usage__openai_codex_days') }}
),

codex_models as (
    select * from {{ ref('stg_openai__codex_user_day_models') }}
),

counted as (
    select
        account_id,
        principal_key,
        product,
        model_name,
        service_tier,
        cast(null as {{ dbt.type_string() }}) as speed,
        input_uncached_tokens,
        cache_read_tokens,
        cache_write_tokens,
        output_tokens,
        is_final,
        usage_date,
        data_complete_through
    from results

    union all

    {# Without models, what the user used in all stands under no model. #}
    select
        codex_days.account_id,
        codex_days.principal_key,
        'codex' as product,
        codex_models.model_name,
        null as service_tier,
        nullif(lower(codex_models.speed), 'standard') as speed,
        case
            when codex_models.record_ordinal is null then codex_days.input_uncached_tokens
            else codex_models.input_uncached_tokens
        end as input_uncached_tokens,
        case
            when codex_models.record_ordinal is null then codex_days.cache_read_tokens
            else codex_models.cache_read_tokens
        end as cache_read_tokens,
        null as cache_write_tokens,
        case
            when codex_models.record_ordinal is null then codex_days.output_tokens
            else codex_models.output_tokens
        end as output_tokens,
        codex_days.is_final,
        codex_days.usage_date,
        codex_days.data_complete_through
    from codex_days
    left join codex_models
        on
            codex_days.report_load_key = codex_models.report_load_key
            and codex_days.record_ordinal = codex_models.record_ordinal
),

token_classes as (
    {% for token_type, tokens in token_types.items() %}
    select
        account_id,
        principal_key,
        product,
        model_name,
        '{{ token_type }}' as token_type,
        service_tier,
        speed,
        {{ tokens }} as tokens,
        is_final,
        usage_date,
        data_complete_through
    from counted
    where {{ tokens }} <> 0
    {% if not loop.last %}union all{% endif %}

    {% endfor %}
)

select
    account_id,
    principal_key,
    product,
    model_name,
    token_type,
    service_tier,
    cast(null as {{ dbt.type_string() }}) as context_window,
    cast(null as {{ dbt.type_string() }}) as inference_geo,
    speed,
    cast(sum(tokens) as bigint) as tokens,
    is_final,
    usage_date,
    data_complete_through
from token_classes
group by
    account_id,
    principal_key,
    product,
    model_name,
    token_type,
    service_tier,
    speed,
    is_final,
    usage_date,
    data_complete_through
