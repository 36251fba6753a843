{#
    One row per provider and model that calls asked for, as written, which the price book knows by that name.
#}
with

calls as (
    select * from {{ ref('int_tasks__calls') }}
),

model_names as (
    select * from {{ ref('int_prices__model_names') }}
),

asked as (
    select distinct
        coalesce(provider_name, '') as provider_word,
        {{ trace_model_vendor('provider_name') }} as vendor,
        model_asked
    from calls
    where model_asked is not null
)

select
    asked.provider_word,
    asked.model_asked,
    model_names.model_key
from asked
inner join model_names
    on
        asked.vendor = model_names.vendor
        and asked.model_asked = model_names.model_name
where model_names.model_key is not null
