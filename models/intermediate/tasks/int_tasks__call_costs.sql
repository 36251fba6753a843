{{ config(materialized='table') }}

{#
    One row per model call: what is reported, what its tokens cost at list price, and which of them counts.

    The vendor's word counts before the agent's, and both before what tokens cost. The vendor speaks by a cost whose
    source is the provider, or by GitHub's AI units: 1e9 of the nano units are one AI credit, at its dated price. No
    currency is taken for another: what is not in dollars is not used. Tokens have a cost where input and output are told
    (embeddings have no output) and every class that was used has a price on the day; none used cost nothing, whatever the
    model.
#}
with

usage as (
    select * from {{ ref('int_tasks__call_usage') }}
),

model_names as (
    select * from {{ ref('int_prices__model_names') }}
),

models as (
    select * from {{ ref('int_prices__models') }}
),

call_prices as (
    select * from {{ ref('int_tasks__call_prices') }}
),

credit_prices as (
    select * from {{ ref('credit_prices') }}
    where vendor = 'github_copilot' and credit_unit = 'ai_credit'
),

tiered_usage as (
    select
        usage.call_key,
        usage.usage_date,
        usage.model_name,
        usage.nano_aiu,
        usage.reported_cost,
        usage.reported_cost_source,
        usage.reported_cost is not null
        and coalesce(usage.reported_cost_currency, '') <> 'USD' as is_foreign,
        usage.input_uncached_tokens is not null
        and (
            usage.output_tokens is not null
            or coalesce(lower(usage.operation_name), '') = 'embeddings'
        ) as tells_tokens,
        {% for token_type in token_types() -%}
        coalesce(usage.{{ token_type }}_tokens, 0) as {{ token_type }}_tokens,
        {% endfor -%}
        model_names.model_key,
        case
            when model_names.model_key is null then null
            when usage.prompt_tokens > models.long_prompt_tokens_from then 'long_context'
            else 'standard'
        end as tier
    from usage
    left join model_names
        on
            usage.model_vendor = model_names.vendor
            and usage.model_name = model_names.model_name
    left join models
        on model_names.model_key = models.model_key
),

valued_usage as (
    select
        tiered_usage.call_key,
        tiered_usage.model_key,
        tiered_usage.model_name,
        tiered_usage.tier,
        tiered_usage.is_foreign,
        coalesce(
            case
                when not tiered_usage.is_foreign and tiered_usage.reported_cost_source = 'provider'
                    then tiered_usage.reported_cost
            end,
            {{ money(
                "cast(tiered_usage.nano_aiu * cast('0.000000001' as decimal(10, 9)) as decimal(29, 9))"
                ~ " * credit_prices.usd_per_credit"
            ) }}
        ) as vendor_reported_usd,
        case
            when
                not tiered_usage.is_foreign
                and coalesce(tiered_usage.reported_cost_source, 'local') <> 'provider'
                then tiered_usage.reported_cost
        end as agent_reported_usd,
        {% for token_type in token_types() -%}
        case
            when tiered_usage.{{ token_type }}_tokens = 0 then 0
            else {{ per_million(
                'tiered_usage.' ~ token_type ~ '_tokens',
                'call_prices.' ~ token_type ~ '_usd_per_million'
            ) }}
        end as {{ token_type }}_usd,
        {% endfor -%}
        tiered_usage.tells_tokens
    from tiered_usage
    left join call_prices
        on
            tiered_usage.model_key = call_prices.model_key
            and tiered_usage.tier = call_prices.tier
            and tiered_usage.usage_date = call_prices.price_date
    left join credit_prices
        on
            tiered_usage.usage_date >= credit_prices.valid_from
            and tiered_usage.usage_date <= coalesce(credit_prices.valid_to, tiered_usage.usage_date)
),

compared_usage as (
    select
        *,
        coalesce(vendor_reported_usd, agent_reported_usd) as reported_usd,
        case
            when tells_tokens
                then
                    input_uncached_usd
                    + cache_read_usd
                    + cache_write_5m_usd
                    + cache_write_1h_usd
                    + cache_write_usd
                    + output_usd
        end as computed_usd
    from valued_usage
)

select
    call_key,
    model_key,
    tier,
    {{ money('vendor_reported_usd') }} as vendor_reported_usd,
    {{ money('agent_reported_usd') }} as agent_reported_usd,
    {{ money('computed_usd') }} as computed_usd,
    {{ money('coalesce(reported_usd, computed_usd)') }} as cost_usd,
    case
        when vendor_reported_usd is not null then 'reported_by_vendor'
        when agent_reported_usd is not null then 'reported_by_agent'
        when computed_usd is not null then 'computed_from_tokens'
        else 'unpriced'
    end as cost_basis,
    case
        when coalesce(reported_usd, computed_usd) is not null then null
        when is_foreign then 'foreign_currency'
        when not tells_tokens then 'no_tokens'
        when model_name is null then 'no_model'
        when model_key is null then 'unknown_model'
        else 'no_price'
    end as unpriced_reason,
    {{ proportion('reported_usd', '1', 'computed_usd') }} as reported_to_computed,
    coalesce(
        reported_usd > computed_usd * {{ var('reported_cost_factor') }}
        or reported_usd * {{ var('reported_cost_factor') }} < computed_usd,
        false
    ) as is_cost_suspicious
from compared_usage
