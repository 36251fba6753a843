{#
    One row per swap, side and model (NULL where none is recognised): the calls and tokens of the sessions that worked on
    the tasks of the side. A session counts once for a side, however many tasks it has.
#}
with

swap_tasks as (
    select * from {{ ref('int_tasks__swap_tasks') }}
    where side <> 'across'
),

shares as (
    select * from {{ ref('int_tasks__task_shares') }}
),

parts as (
    select * from {{ ref('int_tasks__session_parts') }}
),

swap_sessions as (
    select distinct
        swap_tasks.swap_key,
        swap_tasks.swapped_on,
        swap_tasks.side,
        shares.workflow_id,
        shares.session_id
    from swap_tasks
    inner join shares
        on
            swap_tasks.workflow_id = shares.workflow_id
            and swap_tasks.task_id = shares.task_id
)

select
    swap_sessions.swap_key,
    swap_sessions.swapped_on,
    swap_sessions.side,
    parts.model_key,
    {% for token_type in token_types() -%}
    cast(coalesce(sum(parts.{{ token_type }}_tokens), 0) as bigint) as {{ token_type }}_tokens,
    {% endfor -%}
    cast(sum(parts.model_calls) as bigint) as calls,
    cast(sum(parts.priced_calls) as bigint) as priced_calls
from swap_sessions
inner join parts
    on
        swap_sessions.workflow_id = parts.workflow_id
        and swap_sessions.session_id = parts.session_id
group by
    swap_sessions.swap_key,
    swap_sessions.swapped_on,
    swap_sessions.side,
    parts.model_key
