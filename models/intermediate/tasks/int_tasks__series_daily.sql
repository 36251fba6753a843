{#
    One row per workflow, series and day that is over: the values in which a change of level is looked for. Only calls and
    tasks whose cost or tokens are known make a value; a day without them has no row.
#}
with

calls as (
    select * from {{ ref('int_tasks__calls') }}
),

tasks as (
    select * from {{ ref('int_tasks__task_costs') }}
    where is_attributed and cost_usd is not null
),

last_days as (
    select * from {{ ref('int_tasks__last_day') }}
),

call_days as (
    select
        coalesce(workflow_id, 'unknown') as workflow_id,
        usage_date,
        count(cost_usd) as priced_calls,
        {{ money('sum(cost_usd)') }} as cost_usd,
        count(
            case when input_uncached_tokens is not null or output_tokens is not null then 1 end
        ) as told_calls,
        cast(
            {% for token_type in token_types() -%}
            {{ '+ ' if not loop.first }}coalesce(sum({{ token_type }}_tokens), 0)
            {% endfor %} as bigint
        ) as tokens,
        count(
            case when cache_write_5m_tokens > 0 or cache_write_1h_tokens > 0 then 1 end
        ) as classed_calls,
        cast(coalesce(sum(cache_write_5m_tokens), 0) as bigint) as cache_write_5m_tokens,
        cast(coalesce(sum(cache_write_1h_tokens), 0) as bigint) as cache_write_1h_tokens
    from calls
    group by coalesce(workflow_id, 'unknown'), usage_date
),

task_days as (
    select
        workflow_id,
        last_call_date as usage_date,
        count(*) as tasks,
        {{ money('sum(cost_usd)') }} as cost_usd
    from tasks
    group by workflow_id, last_call_date
),

points as (
    select
        workflow_id,
        'cost_per_call' as series,
        'usd' as unit,
        usage_date,
        priced_calls as observations,
        {{ proportion('cost_usd', '1', 'priced_calls') }} as series_value
    from call_days

    union all

    select
        workflow_id,
        'cost_per_task' as series,
        'usd' as unit,
        usage_date,
        tasks as observations,
        {{ proportion('cost_usd', '1', 'tasks') }} as series_value
    from task_days

    union all

    select
        workflow_id,
        'tokens_per_call' as series,
        'tokens' as unit,
        usage_date,
        told_calls as observations,
        {{ proportion(money('tokens'), '1', 'told_calls') }} as series_value
    from call_days

    union all

    select
        workflow_id,
        'cache_write_1h_share' as series,
        'share' as unit,
        usage_date,
        classed_calls as observations,
        {{ proportion(
            money('cache_write_1h_tokens'), '1', 'cache_write_5m_tokens + cache_write_1h_tokens'
        ) }} as series_value
    from call_days
)

select
    points.workflow_id,
    points.series,
    points.unit,
    points.usage_date,
    points.observations,
    points.series_value
from points
cross join last_days
where points.series_value is not null and points.usage_date <= last_days.last_day
