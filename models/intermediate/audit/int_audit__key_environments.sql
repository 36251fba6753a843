{#
    One row per vendor, account, key and environment in which the key was seen: by its tag, else by what its name
    suggests; by the workspaces it was used in; by the clients it was used from. A name that says nightly or batch speaks
    of the work, not of a place: that a key was in CI is only taken from a tag or a client.
#}
with

principal_signals as (
    select * from {{ ref('int_audit__principal_signals') }}
    where auth_mode <> 'seat'
),

sightings as (
    select vendor, account_id, principal_key, principal_environment as environment
    from principal_signals
    where environment_source = 'tag' or principal_environment <> 'ci'

    union all

    select vendor, account_id, principal_key, workspace_environment as environment
    from principal_signals
    where workspace_environment <> 'ci'

    union all

    {# An interactive terminal or editor is a developer's machine. #}
    select
        vendor,
        account_id,
        principal_key,
        case signal when 'ci_client' then 'ci' else 'development' end as environment
    from principal_signals
    where signal in ('ci_client', 'interactive_client')
)

select distinct
    vendor,
    account_id,
    principal_key,
    environment
from sightings
where environment is not null
