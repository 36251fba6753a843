{#
    One row per model that was used, or that has an alias, and that could be told from its name. What a vendor calls a
    model that nobody knows stands in the facts as the vendor writes it and in governance.fct_unmapped_values.
#}
with

model_names as (
    select * from {{ ref('int_prices__model_names') }}
),

models as (
    select * from {{ ref('int_prices__models') }}
),

tokens as (
    select * from {{ ref('int_usage__tokens_priced') }}
),

named_models as (
    select
        model_key,
        count(*) as written_names
    from model_names
    where model_key is not null
    group by model_key
),

uses as (
    select
        model_key,
        min(usage_date) as first_used_date,
        max(usage_date) as last_used_date
    from tokens
    where model_key is not null
    group by model_key
)

select
    named_models.model_key,
    {{ dbt.split_part('named_models.model_key', "'/'", 1) }} as provider,
    substring(named_models.model_key, position('/' in named_models.model_key) + 1) as model_id,
    coalesce(
        models.model_name,
        substring(named_models.model_key, position('/' in named_models.model_key) + 1)
    ) as model_name,
    named_models.written_names,
    models.long_prompt_tokens_from,
    coalesce(models.is_priced, false) as has_list_price,
    uses.first_used_date,
    uses.last_used_date
from named_models
left join models
    on named_models.model_key = models.model_key
left join uses
    on named_models.model_key = uses.model_key
