{{ config(materialized='table') }}

{#
    One row per change of a workflow's model or class of cache writes, with the days that are compared.

    No statistics. Of each day the value leads that has most tokens, among equals most calls. It has taken over when it
    leads on so many days of use in a row; shorter runs are trials and stray calls, and what stands around them counts as if
    they were not there. The swap is the first call of the new value since the last day that the old one led.
#}
with

trait_days as (
    select * from {{ ref('int_tasks__trait_days') }}
),

last_days as (
    select * from {{ ref('int_tasks__last_day') }}
),

leads as (
    select
        *,
        row_number() over (
            partition by workflow_id, swap_kind, usage_date
            order by
                tokens desc nulls last,
                calls desc nulls last,
                {{ binary_order('trait_value') }}
        ) as lead_number
    from trait_days
),

leaders as (
    select
        workflow_id,
        swap_kind,
        trait_value,
        usage_date,
        row_number() over (partition by workflow_id, swap_kind order by usage_date)
        - row_number() over (
            partition by workflow_id, swap_kind, trait_value order by usage_date
        ) as run_number
    from leads
    where lead_number = 1
),

runs as (
    select
        workflow_id,
        swap_kind,
        trait_value,
        min(usage_date) as first_day,
        max(usage_date) as last_day
    from leaders
    group by workflow_id, swap_kind, trait_value, run_number
    having count(*) >= {{ var('swap_takeover_days') }}
),

successions as (
    select
        workflow_id,
        swap_kind,
        trait_value as value_after,
        first_day,
        lag(trait_value) over (
            partition by workflow_id, swap_kind order by first_day
        ) as value_before,
        lag(last_day) over (partition by workflow_id, swap_kind order by first_day) as led_until
    from runs
),

takeovers as (
    select
        successions.workflow_id,
        successions.swap_kind,
        successions.value_before,
        successions.value_after,
        min(trait_days.first_call_at) as swapped_at
    from successions
    inner join trait_days
        on
            successions.workflow_id = trait_days.workflow_id
            and successions.swap_kind = trait_days.swap_kind
            and successions.value_after = trait_days.trait_value
            and trait_days.usage_date between successions.led_until and successions.first_day
    where successions.value_before <> successions.value_after
    group by
        successions.workflow_id,
        successions.swap_kind,
        successions.value_before,
        successions.value_after,
        successions.first_day
),

dated as (
    select
        *,
        cast(swapped_at as date) as swapped_on
    from takeovers
),

{# Of any kind: what changes on one day is one neighbour. #}
swap_days as (
    select
        workflow_id,
        swapped_on,
        lag(swapped_on) over (partition by workflow_id order by swapped_on) as previous_swap_on,
        lag(max(swapped_at)) over (partition by workflow_id order by swapped_on)
            as previous_swapped_at,
        lead(swapped_on) over (partition by workflow_id order by swapped_on) as next_swap_on
    from dated
    group by workflow_id, swapped_on
),

windows as (
    select
        dated.workflow_id,
        dated.swap_kind,
        dated.value_before,
        dated.value_after,
        dated.swapped_at,
        dated.swapped_on,
        swap_days.previous_swap_on,
        swap_days.previous_swapped_at,
        {{ later_day(
            add_days('dated.swapped_on', -var('swap_window_days')), 'swap_days.previous_swap_on'
        ) }} as before_from,
        case
            when
                swap_days.next_swap_on
                < {{ add_days('dated.swapped_on', var('swap_window_days')) }}
                then {{ add_days('swap_days.next_swap_on', -1) }}
            else {{ add_days('dated.swapped_on', var('swap_window_days') - 1) }}
        end as window_ends_on
    from dated
    inner join swap_days
        on
            dated.workflow_id = swap_days.workflow_id
            and dated.swapped_on = swap_days.swapped_on
)

select
    windows.workflow_id,
    windows.workflow_id || '/' || windows.swap_kind || '/'
    || cast(windows.swapped_on as {{ dbt.type_string() }}) as swap_key,
    windows.swap_kind,
    windows.value_before,
    windows.value_after,
    windows.swapped_at,
    windows.swapped_on,
    windows.previous_swap_on,
    windows.previous_swapped_at,
    windows.before_from,
    case
        when windows.window_ends_on > last_days.last_day then last_days.last_day
        else windows.window_ends_on
    end as after_to
from windows
cross join last_days
