{#
    One row per change of the model, or of the class of cache writes, of a workflow: what a completed task cost before it
    and after it, and why that changed.

    Cost per completed task is price per token × tokens per call × calls per task ÷ share of completed tasks, and price per
    token is a price times a mix. Each factor is its change; price_factor is what the others leave, so that the product is
    the change of the whole.
#}
with

swaps as (
    select * from {{ ref('int_tasks__swaps') }}
),

sides as (
    select * from {{ ref('int_tasks__swap_sides') }}
),

swap_tasks as (
    select * from {{ ref('int_tasks__swap_tasks') }}
    where side = 'across'
),

contexts as (
    select * from {{ ref('int_tasks__swap_contexts') }}
),

swap_prices as (
    select * from {{ ref('int_tasks__swap_prices') }}
),

crossing_tasks as (
    select
        swap_key,
        count(*) as tasks
    from swap_tasks
    group by swap_key
),

{% set threshold = money(var('task_coverage_threshold')) -%}
{% set counts = ['tasks', 'completed', 'known_outcomes', 'calls', 'priced_calls', 'tokens'] -%}
compared as (
    select
        swaps.*,
        contexts.agent_version_before,
        contexts.agent_version_after,
        contexts.share_before,
        contexts.share_after,
        coalesce(crossing_tasks.tasks, 0) as tasks_across,
        {% for side in ['before', 'after'] -%}
        {% for count in counts -%}
        coalesce({{ side }}_side.{{ count }}, 0) as {{ count }}_{{ side }},
        {% endfor -%}
        {{ side }}_side.spend_usd as spend_{{ side }},
        {{ side }}_side.list_value_usd as list_value_{{ side }},
        {{ proportion(money('1'), side ~ '_side.priced_calls', side ~ '_side.calls') }}
            as cost_coverage_{{ side }},
        {{ proportion(money('1'), side ~ '_side.known_outcomes', side ~ '_side.tasks') }}
            as outcome_coverage_{{ side }},
        {% endfor -%}
        swap_prices.is_same_list_price
    from swaps
    inner join contexts
        on swaps.swap_key = contexts.swap_key
    {% for side in ['before', 'after'] -%}
    left join sides as {{ side }}_side
        on
            swaps.swap_key = {{ side }}_side.swap_key
            and {{ side }}_side.side = '{{ side }}'
    {% endfor -%}
    left join crossing_tasks
        on swaps.swap_key = crossing_tasks.swap_key
    left join swap_prices
        on swaps.swap_key = swap_prices.swap_key
),

costed as (
    select
        *,
        {% for side in ['before', 'after'] -%}
        case
            when
                cost_coverage_{{ side }} >= {{ threshold }}
                and outcome_coverage_{{ side }} >= {{ threshold }}
                then {{ proportion('spend_' ~ side, '1', 'completed_' ~ side) }}
        end as cost_per_completed_task_{{ side }},
        {% endfor -%}
        case
            when
                cost_coverage_before >= {{ threshold }}
                and outcome_coverage_before >= {{ threshold }}
                and cost_coverage_after >= {{ threshold }}
                and outcome_coverage_after >= {{ threshold }}
                then {{ proportion(
                    'spend_after', 'completed_before', 'spend_before * completed_after'
                ) }}
        end as cost_ratio,
        {{ proportion('list_value_after', 'tokens_before', 'list_value_before * tokens_after') }}
            as mix_factor,
        {{ proportion(
            money('tokens_after'), 'calls_before', money('tokens_before') ~ ' * calls_after'
        ) }}
            as tokens_per_call_factor,
        {{ proportion(
            money('calls_after'), 'tasks_before', money('calls_before') ~ ' * tasks_after'
        ) }}
            as calls_per_task_factor,
        {{ proportion(
            money('tasks_after'), 'completed_before', money('completed_after') ~ ' * tasks_before'
        ) }}
            as success_factor
    from compared
),

decomposed as (
    select
        *,
        {{ proportion(
            'cost_ratio',
            '1',
            money(
                money('coalesce(mix_factor, 1) * tokens_per_call_factor')
                ~ ' * ' ~ money('calls_per_task_factor * success_factor')
            )
        ) }} as price_factor
    from costed
),

judged as (
    select
        *,
        case
            when tasks_before < {{ var('swap_tasks_from') }} then 'too_few_tasks_before'
            when tasks_after < {{ var('swap_tasks_from') }} then 'too_few_tasks_after'
            when
                cost_coverage_before < {{ threshold }}
                or cost_coverage_after < {{ threshold }}
                then 'cost_coverage_below_threshold'
            when
                outcome_coverage_before < {{ threshold }}
                or outcome_coverage_after < {{ threshold }}
                then 'outcome_coverage_below_threshold'
            when completed_before = 0 then 'no_completed_task_before'
            when coalesce(spend_before, 0) = 0 then 'no_cost_before'
            when completed_after = 0 then 'no_completed_task_after'
            when cost_ratio >= {{ var('cost_doubled_factor') }} then null
            when cost_ratio * {{ var('cost_doubled_factor') }} <= 1 then 'below_factor'
            when is_same_list_price is null then 'list_price_unknown'
            else 'below_factor'
        end as reason
    from decomposed
),

worded as (
    select
        *,
        case
            when coalesce(reason, 'no_completed_task_after') = 'no_completed_task_after'
                then 'cost_regression'
            when reason <> 'below_factor' then 'not_comparable'
            when cost_ratio * {{ var('cost_doubled_factor') }} <= 1 then 'cost_improvement'
            when not is_same_list_price then 'price_change'
            else 'swap_only'
        end as verdict
    from judged
)

select
    workflow_id,
    swap_key,
    swap_kind,
    value_before,
    value_after,
    agent_version_before,
    agent_version_after,
    swapped_at,
    swapped_on,
    before_from,
    after_to,
    share_before,
    share_after,
    calls_before,
    calls_after,
    tasks_before,
    tasks_after,
    tasks_across,
    completed_before,
    completed_after,
    spend_before as estimated_spend_before_usd,
    spend_after as estimated_spend_after_usd,
    cost_per_completed_task_before,
    cost_per_completed_task_after,
    cost_ratio,
    case when price_factor is not null then mix_factor end as mix_factor,
    price_factor,
    case when price_factor is not null then tokens_per_call_factor end as tokens_per_call_factor,
    case when price_factor is not null then calls_per_task_factor end as calls_per_task_factor,
    case when price_factor is not null then success_factor end as success_factor,
    is_same_list_price,
    cost_coverage_before,
    cost_coverage_after,
    outcome_coverage_before,
    outcome_coverage_after,
    verdict,
    verdict = 'cost_regression' as is_alert_candidate,
    reason
from worded
