{{ config(materialized='table') }}

{#
    One row per workflow, trait, day and value: how much of the day's work has it. Traits are what may be swapped: the
    model that answers, and the class of cache writes. Calls whose model nobody tells have none. Days that are not over
    are left out.
#}
with

calls as (
    select * from {{ ref('int_tasks__calls') }}
),

last_days as (
    select * from {{ ref('int_tasks__last_day') }}
),

days as (
    select
        coalesce(calls.workflow_id, 'unknown') as workflow_id,
        calls.usage_date,
        coalesce(
            calls.model_key, nullif(calls.model_answered, ''), nullif(calls.model_asked, '')
        ) as model_key,
        min(calls.started_at) as first_call_at,
        min(case when calls.cache_write_5m_tokens > 0 then calls.started_at end) as first_5m_at,
        min(case when calls.cache_write_1h_tokens > 0 then calls.started_at end) as first_1h_at,
        count(*) as calls,
        count(case when calls.cache_write_5m_tokens > 0 then 1 end) as calls_5m,
        count(case when calls.cache_write_1h_tokens > 0 then 1 end) as calls_1h,
        sum(calls.cache_write_5m_tokens) as tokens_5m,
        sum(calls.cache_write_1h_tokens) as tokens_1h,
        {% for token_type in token_types() -%}
        {{ '+ ' if not loop.first }}coalesce(sum(calls.{{ token_type }}_tokens), 0)
        {% endfor %} as tokens
    from calls
    cross join last_days
    where calls.usage_date <= last_days.last_day
    group by
        coalesce(calls.workflow_id, 'unknown'),
        calls.usage_date,
        coalesce(calls.model_key, nullif(calls.model_answered, ''), nullif(calls.model_asked, ''))
),

cache_days as (
    {% for class in ['5m', '1h'] -%}
    select
        workflow_id,
        usage_date,
        '{{ class }}' as trait_value,
        min(first_{{ class }}_at) as first_call_at,
        sum(calls_{{ class }}) as calls,
        sum(tokens_{{ class }}) as tokens
    from days
    where first_{{ class }}_at is not null
    group by workflow_id, usage_date
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    workflow_id,
    'model' as swap_kind,
    usage_date,
    model_key as trait_value,
    first_call_at,
    cast(calls as bigint) as calls,
    cast(tokens as bigint) as tokens
from days
where model_key is not null

union all

select
    workflow_id,
    'cache_write_class' as swap_kind,
    usage_date,
    trait_value,
    first_call_at,
    cast(calls as bigint) as calls,
    cast(tokens as bigint) as tokens
from cache_days
