{#
    One row per model that the price library knows, with a price or without one.
#}
with

model_prices as (
    select * from {{ ref('stg_model_prices__model_prices') }}
),

model_matches as (
    select * from {{ ref('stg_model_prices__model_matches') }}
),

known_models as (
    select
        provider,
        model_id,
        model_name,
        prompt_tokens_from
    from model_prices

    union all

    select
        provider,
        model_id,
        cast(null as {{ dbt.type_string() }}) as model_name,
        cast(null as bigint) as prompt_tokens_from
    from model_matches
)

select
    provider || '/' || model_id as model_key,
    provider,
    model_id,
    max(model_name) as model_name,
    min(case when prompt_tokens_from > 0 then prompt_tokens_from end) as long_prompt_tokens_from,
    max(case when prompt_tokens_from is null then 0 else 1 end) = 1 as is_priced
from known_models
group by provider, model_id
