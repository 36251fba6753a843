{#
    One row per task of a Copilot agent and session in it, as last read. It counts AI credits and premium requests, which
    are no dollars: what a credit costs depends on what is included.
#}
{% if var('github_delivery_enabled') %}
select
    repository,
    task_id,
    session_id,
    pull_request_key,
    number,
    creator_key,
    person_key,
    state,
    created_at,
    completed_at,
    model,
    head_ref,
    ai_credits,
    premium_requests,
    error_type
from {{ ref('int_delivery__github_agent_sessions') }}
{% else %}
select
    cast(null as {{ dbt.type_string() }}) as repository,
    cast(null as {{ dbt.type_string() }}) as task_id,
    cast(null as {{ dbt.type_string() }}) as session_id,
    cast(null as {{ dbt.type_string() }}) as pull_request_key,
    cast(null as bigint) as number,
    cast(null as {{ dbt.type_string() }}) as creator_key,
    cast(null as {{ dbt.type_string() }}) as person_key,
    cast(null as {{ dbt.type_string() }}) as state,
    cast(null as {{ dbt.type_timestamp() }}) as created_at,
    cast(null as {{ dbt.type_timestamp() }}) as completed_at,
    cast(null as {{ dbt.type_string() }}) as model,
    cast(null as {{ dbt.type_string() }}) as head_ref,
    cast(null as decimal(38, 9)) as ai_credits,
    cast(null as decimal(38, 9)) as premium_requests,
    cast(null as {{ dbt.type_string() }}) as error_type
where 1 = 0
{% endif %}
