{#
    One row per swap and side, before or after: its tasks, calls and tokens, and what the tokens would cost at the list
    prices, on the day of the swap, of the model that has most tokens after it. NULL where a class that was used has no
    such price.
#}
with

swap_tasks as (
    select * from {{ ref('int_tasks__swap_tasks') }}
    where side <> 'across'
),

swap_usage as (
    select * from {{ ref('int_tasks__swap_usage') }}
),

call_prices as (
    select * from {{ ref('int_tasks__call_prices') }}
    where tier = 'standard'
),

models_after as (
    select
        swap_key,
        swapped_on,
        model_key,
        row_number() over (
            partition by swap_key
            order by
                {% for token_type in token_types() -%}
                {{ '+ ' if not loop.first }}{{ token_type }}_tokens
                {% endfor %}desc nulls last,
                {{ binary_order('model_key') }}
        ) as model_number
    from swap_usage
    where side = 'after' and model_key is not null
),

list_prices as (
    select
        {% for token_type in token_types() -%}
        call_prices.{{ token_type }}_usd_per_million,
        {% endfor -%}
        models_after.swap_key
    from models_after
    inner join call_prices
        on
            models_after.model_key = call_prices.model_key
            and models_after.swapped_on = call_prices.price_date
    where models_after.model_number = 1
),

task_sums as (
    select
        swap_key,
        side,
        count(*) as tasks,
        count(case when outcome = 'completed' then 1 end) as completed,
        count(case when outcome <> 'unknown' then 1 end) as known_outcomes,
        {{ money('sum(cost_usd)') }} as spend_usd
    from swap_tasks
    group by swap_key, side
),

usage_sums as (
    select
        swap_key,
        side,
        {% for token_type in token_types() -%}
        cast(sum({{ token_type }}_tokens) as bigint) as {{ token_type }}_tokens,
        {% endfor -%}
        cast(sum(calls) as bigint) as calls,
        cast(sum(priced_calls) as bigint) as priced_calls
    from swap_usage
    group by swap_key, side
)

select
    task_sums.swap_key,
    task_sums.side,
    task_sums.tasks,
    task_sums.completed,
    task_sums.known_outcomes,
    task_sums.spend_usd,
    usage_sums.calls,
    usage_sums.priced_calls,
    {% for token_type in token_types() -%}
    {{ '+ ' if not loop.first }}usage_sums.{{ token_type }}_tokens
    {% endfor %} as tokens,
    {{ money(
        'case when list_prices.swap_key is not null then 0 end'
    ) }}
    {% for token_type in token_types() -%}
    + case
        when usage_sums.{{ token_type }}_tokens = 0 then 0
        else {{ per_million(
            'usage_sums.' ~ token_type ~ '_tokens',
            'list_prices.' ~ token_type ~ '_usd_per_million'
        ) }}
    end
    {% endfor %} as list_value_usd
from task_sums
inner join usage_sums
    on
        task_sums.swap_key = usage_sums.swap_key
        and task_sums.side = usage_sums.side
left join list_prices
    on task_sums.swap_key = list_prices.swap_key
