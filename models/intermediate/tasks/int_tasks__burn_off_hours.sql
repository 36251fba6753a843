{#
    One row per session of automation and ISO week with model calls outside delivery hours. When persons work is nobody's
    business here: only what runs as a service counts.
#}
with

calls as (
    select * from {{ ref('int_tasks__calls') }}
    where principal_kind = 'service_account'
)

select
    iso_week,
    coalesce(workflow_id, 'unknown') as workflow_id,
    min({{ binary_order('repository') }}) as repository,
    session_id as evidence_id,
    session_id,
    cast(null as {{ dbt.type_string() }}) as pull_request_key,
    cast(null as {{ dbt.type_string() }}) as model_key,
    cast(null as {{ dbt.type_string() }}) as compared_with,
    min(started_at) as happened_at,
    count(*) as quantity,
    {{ money('sum(cost_usd)') }} as estimated_spend_usd
from calls
where not {{ is_delivery_hour('started_at') }}
group by iso_week, coalesce(workflow_id, 'unknown'), session_id
