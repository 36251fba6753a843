{{ config(enabled=var('openai_enabled')) }}

{#
    One row per day, account, product, principal and credit unit: what was used at list price, and Codex's credits.

    OpenAI's API counts no credits of its own: the tokens stand at the dated list price, in dollars. What an endpoint
    counts that is no tokens (images, seconds, searches, …) has no price here and is unpriced, never zero. Rows of one
    model and tier have a value together or not at all. What OpenAI charges is in the costs, and not here.
#}
with

results as (
    select * from {{ ref('int_usage__openai_results') }}
),

codex_days as (
    select * from {{ ref('int_usage__openai_codex_days') }}
),

tokens_priced as (
    select * from {{ ref('int_usage__tokens_priced') }}
),

credit_prices as (
    select * from {{ ref('credit_prices') }}
),

model_uses as (
    select
        account_id,
        principal_key,
        product,
        model_name,
        service_tier,
        count(*) as records,
        max(
            case
                when
                    coalesce(input_uncached_tokens, 0) <> 0
                    or coalesce(cache_read_tokens, 0) <> 0
                    or coalesce(cache_write_tokens, 0) <> 0
                    or coalesce(output_tokens, 0) <> 0
                    then 1
                else 0
            end
        ) as has_tokens,
        counts_tokens,
        is_final,
        usage_date,
        data_complete_through
    from results
    group by
        account_id,
        principal_key,
        product,
        model_name,
        service_tier,
        counts_tokens,
        is_final,
        usage_date,
        data_complete_through
),

model_values as (
    select
        account_id,
        principal_key,
        product,
        model_name,
        service_tier,
        case when count(*) = count(list_value_usd) then sum(list_value_usd) end as list_value_usd,
        usage_date
    from tokens_priced
    where vendor = 'openai' and product <> 'codex'
    group by account_id, principal_key, product, model_name, service_tier, usage_date
),

valued_uses as (
    select
        model_uses.account_id,
        model_uses.principal_key,
        model_uses.product,
        model_uses.records,
        {# Requests without a token, such as failed ones, cost nothing. #}
        case
            when model_uses.counts_tokens and model_uses.has_tokens = 0 then 0
            else model_values.list_value_usd
        end as usage_value_usd,
        model_uses.is_final,
        model_uses.usage_date,
        model_uses.data_complete_through
    from model_uses
    left join model_values
        on
            model_uses.usage_date = model_values.usage_date
            and model_uses.account_id = model_values.account_id
            and model_uses.principal_key = model_values.principal_key
            and model_uses.product = model_values.product
            and coalesce(model_uses.model_name, '') = coalesce(model_values.model_name, '')
            and coalesce(model_uses.service_tier, '') = coalesce(model_values.service_tier, '')
),

valued_codex_days as (
    select
        codex_days.account_id,
        codex_days.principal_key,
        codex_days.credits,
        codex_days.credits * credit_prices.usd_per_credit as usage_value_usd,
        codex_days.is_final,
        codex_days.usage_date,
        codex_days.data_complete_through
    from codex_days
    left join credit_prices
        on
            credit_prices.vendor = 'openai'
            and credit_prices.credit_unit = 'codex_credit'
            and codex_days.usage_date >= credit_prices.valid_from
            and codex_days.usage_date <= coalesce(credit_prices.valid_to, codex_days.usage_date)
)

select
    account_id,
    principal_key,
    product,
    'usd' as credit_unit,
    case when sum(usage_value_usd) is null then 'unpriced' else 'list_price' end as value_basis,
    {{ money('sum(usage_value_usd)') }} as credits,
    {{ money('sum(usage_value_usd)') }} as usage_value_usd,
    cast(sum(records) as bigint) as records,
    cast(
        sum(case when usage_value_usd is null then records else 0 end) as bigint
    ) as unpriced_records,
    is_final,
    usage_date,
    data_complete_through
from valued_uses
group by account_id, principal_key, product, is_final, usage_date, data_complete_through

union all

select
    account_id,
    principal_key,
    'codex' as product,
    'codex_credit' as credit_unit,
    case when sum(usage_value_usd) is null then 'unpriced' else 'credit_price' end as value_basis,
    {{ money('sum(credits)') }} as credits,
    {{ money('sum(usage_value_usd)') }} as usage_value_usd,
    cast(count(*) as bigint) as records,
    cast(count(*) - count(usage_value_usd) as bigint) as unpriced_records,
    is_final,
    usage_date,
    data_complete_through
from valued_codex_days
group by account_id, principal_key, is_final, usage_date, data_complete_through
