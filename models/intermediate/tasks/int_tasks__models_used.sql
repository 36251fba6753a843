{{ config(materialized='table') }}

{#
    One row per provider and model name that a trace names, as written, with the first day: what the price book is asked
    for. The model that answered counts, the one asked where no answer is told.
#}
with

spans as (
    select * from {{ ref('int_tasks__spans') }}
),

events as (
    select * from {{ ref('int_tasks__events') }}
),

named_models as (
    select
        provider_name,
        coalesce(nullif(response_model, ''), nullif(request_model, '')) as model_name,
        min(started_at) as first_used_at
    from spans
    group by provider_name, coalesce(nullif(response_model, ''), nullif(request_model, ''))

    union all

    select
        provider_name,
        coalesce(nullif(response_model, ''), nullif(request_model, '')) as model_name,
        min(occurred_at) as first_used_at
    from events
    group by provider_name, coalesce(nullif(response_model, ''), nullif(request_model, ''))
)

select
    {{ trace_model_vendor('provider_name') }} as vendor,
    model_name,
    cast(min(first_used_at) as date) as first_used_on
from named_models
where model_name is not null
group by {{ trace_model_vendor('provider_name') }}, model_name
