{#
    One row per model call that asks again what was asked in another repository in the same workflow and ISO week. Requests
    are compared by the hash of their text: the text itself is not loaded. The first call, and what its repository asks
    again, are no duplicates.
#}
with

calls as (
    select * from {{ ref('int_tasks__calls') }}
    where content_hash is not null and repository is not null
),

rules as (
    select * from {{ ref('burn_pattern_rules') }}
    where pattern = 'duplicate_requests'
),

requests as (
    select
        calls.iso_week,
        coalesce(calls.workflow_id, 'unknown') as workflow_id,
        calls.repository,
        calls.call_key,
        calls.session_id,
        calls.started_at,
        calls.input_bytes,
        calls.cost_usd,
        first_value(calls.call_key) over (
            partition by calls.iso_week, coalesce(calls.workflow_id, 'unknown'), calls.content_hash
            order by calls.started_at, {{ binary_order('calls.call_key') }}
        ) as first_call_key,
        first_value(calls.repository) over (
            partition by calls.iso_week, coalesce(calls.workflow_id, 'unknown'), calls.content_hash
            order by calls.started_at, {{ binary_order('calls.call_key') }}
        ) as first_repository
    from calls
    cross join rules
    where calls.input_bytes >= rules.size_limit
)

select
    iso_week,
    workflow_id,
    repository,
    call_key as evidence_id,
    session_id,
    cast(null as {{ dbt.type_string() }}) as pull_request_key,
    cast(null as {{ dbt.type_string() }}) as model_key,
    first_call_key as compared_with,
    started_at as happened_at,
    input_bytes as quantity,
    cost_usd as estimated_spend_usd
from requests
where repository <> first_repository
