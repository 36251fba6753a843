{#
    One row per swap: the agent's version on either side of it, and what share of the calls the new value has there.
#}
with

swaps as (
    select * from {{ ref('int_tasks__swaps') }}
),

trait_days as (
    select * from {{ ref('int_tasks__trait_days') }}
),

calls as (
    select * from {{ ref('int_tasks__calls') }}
    where agent_version is not null
),

versions as (
    select
        swaps.swap_key,
        calls.agent_version,
        calls.started_at < swaps.swapped_at as is_before,
        row_number() over (
            partition by swaps.swap_key, calls.started_at < swaps.swapped_at
            order by
                case
                    when calls.started_at < swaps.swapped_at then calls.started_at
                end desc nulls last,
                calls.started_at,
                {{ binary_order('calls.call_key') }}
        ) as version_number
    from swaps
    inner join calls
        on
            swaps.workflow_id = calls.workflow_id
            and calls.usage_date between swaps.before_from and swaps.after_to
),

sides as (
    select
        swaps.swap_key,
        sum(case when trait_days.usage_date < swaps.swapped_on then trait_days.calls end)
            as calls_before,
        sum(case when trait_days.usage_date >= swaps.swapped_on then trait_days.calls end)
            as calls_after,
        sum(
            case
                when trait_days.usage_date >= swaps.swapped_on then 0
                when trait_days.trait_value = swaps.value_after then trait_days.calls
                else 0
            end
        ) as own_calls_before,
        sum(
            case
                when trait_days.usage_date < swaps.swapped_on then 0
                when trait_days.trait_value = swaps.value_after then trait_days.calls
                else 0
            end
        ) as own_calls_after
    from swaps
    inner join trait_days
        on
            swaps.workflow_id = trait_days.workflow_id
            and swaps.swap_kind = trait_days.swap_kind
            and trait_days.usage_date between swaps.before_from and swaps.after_to
    group by swaps.swap_key
)

select
    sides.swap_key,
    before_versions.agent_version as agent_version_before,
    after_versions.agent_version as agent_version_after,
    coalesce(
        {{ proportion(money('1'), 'sides.own_calls_before', 'sides.calls_before') }},
        {{ money('0') }}
    ) as share_before,
    coalesce(
        {{ proportion(money('1'), 'sides.own_calls_after', 'sides.calls_after') }},
        {{ money('0') }}
    ) as share_after
from sides
left join versions as before_versions
    on
        sides.swap_key = before_versions.swap_key
        and before_versions.is_before
        and before_versions.version_number = 1
left join versions as after_versions
    on
        sides.swap_key = after_versions.swap_key
        and not after_versions.is_before
        and after_versions.version_number = 1
