{#
    One row per run of the tests that follows another one of the session with nothing between them that could have changed
    the code: whatever is not known to only look may have. Its cost is that of the model calls between the two runs. Tests
    that an agent runs in a shell are not known as such, because arguments of tools are not loaded.
#}
with

tool_calls as (
    select * from {{ ref('int_tasks__tool_calls') }}
    where coalesce(decision, '') <> 'reject'
),

calls as (
    select * from {{ ref('int_tasks__calls') }}
),

acting_calls as (
    select
        *,
        lag(tool_call_key) over (
            partition by session_id order by started_at, {{ binary_order('tool_call_key') }}
        ) as previous_tool_call_key,
        lag(tool_name) over (
            partition by session_id order by started_at, {{ binary_order('tool_call_key') }}
        ) as previous_tool_name,
        lag(is_test_run) over (
            partition by session_id order by started_at, {{ binary_order('tool_call_key') }}
        ) as previous_is_test_run,
        lag(started_at) over (
            partition by session_id order by started_at, {{ binary_order('tool_call_key') }}
        ) as previous_started_at
    from tool_calls
    where is_test_run or not {{ is_reading_tool('tool_name') }}
),

reruns as (
    select acting_calls.*
    from acting_calls
    where
        acting_calls.is_test_run
        and acting_calls.previous_is_test_run
        and acting_calls.tool_name = acting_calls.previous_tool_name
)

select
    cast({{ dbt.date_trunc('week', 'reruns.started_at') }} as date) as iso_week,
    coalesce(reruns.workflow_id, 'unknown') as workflow_id,
    reruns.repository,
    reruns.tool_call_key as evidence_id,
    reruns.session_id,
    cast(null as {{ dbt.type_string() }}) as pull_request_key,
    cast(null as {{ dbt.type_string() }}) as model_key,
    reruns.previous_tool_call_key as compared_with,
    reruns.started_at as happened_at,
    count(calls.call_key) as quantity,
    {{ money('sum(calls.cost_usd)') }} as estimated_spend_usd
from reruns
left join calls
    on
        reruns.session_id = calls.session_id
        and reruns.previous_started_at < calls.started_at
        and reruns.started_at >= calls.started_at
group by
    coalesce(reruns.workflow_id, 'unknown'),
    reruns.repository,
    reruns.tool_call_key,
    reruns.session_id,
    reruns.previous_tool_call_key,
    reruns.started_at
