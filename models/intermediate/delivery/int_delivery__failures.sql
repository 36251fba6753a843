{#
    One row per failure in production: a failed deployment, or an incident of yours that no deployment of a known
    repository caused, with when it began and when it was made good.
#}
with

deployments as (
    select * from {{ ref('int_delivery__deployments') }}
),

incidents as (
    select * from {{ ref('int_finance__incidents') }}
)

select
    'deployment/' || cast(deployment_id as {{ dbt.type_string() }}) as failure_key,
    repository,
    deployment_id,
    pull_request_key,
    failure_evidence,
    failed_at,
    restored_at,
    {{ seconds_between('failed_at', 'restored_at') }} as seconds_to_restore
from deployments
where is_failed

union all

select
    'incident/' || cast(incidents.opened_at as {{ dbt.type_string() }}) as failure_key,
    incidents.repository,
    cast(null as bigint) as deployment_id,
    cast(null as {{ dbt.type_string() }}) as pull_request_key,
    'incident' as failure_evidence,
    incidents.opened_at as failed_at,
    incidents.resolved_at as restored_at,
    {{ seconds_between('incidents.opened_at', 'incidents.resolved_at') }} as seconds_to_restore
from incidents
left join deployments
    on
        incidents.repository = deployments.repository
        and incidents.deployment_id = deployments.deployment_id
        and deployments.is_failed
where deployments.deployment_id is null
