{#
    One row per principal: the seat, key or agent by which a vendor counts use, what kind it is, and who answers for it.
    A suggested environment is what a name suggests; it decides nothing.
#}
with

principals as (
    select * from {{ ref('int_identity__principals_tagged') }}
),

principal_persons as (
    select * from {{ ref('int_identity__principal_persons') }}
),

principal_days as (
    select * from {{ ref('int_identity__principal_days') }}
)

select
    principals.vendor,
    principals.principal_key,
    principals.principal_kind,
    principals.vendor_principal_kind,
    principal_days.person_key as owner_person_key,
    principal_days.person_source,
    principal_persons.matched_by,
    principal_days.team_key,
    principal_days.cost_center_key,
    principal_days.unattributed_reason,
    principals.environment,
    principals.environment_source,
    principals.suggested_environment,
    principals.suggestion_source,
    principals.workspace_name,
    principals.purpose,
    principals.auth_mode,
    principals.first_seen_date as valid_from,
    principals.last_seen_date as valid_to
from principals
left join principal_persons
    on
        principals.vendor = principal_persons.vendor
        and principals.principal_key = principal_persons.principal_key
left join principal_days
    on
        principals.vendor = principal_days.vendor
        and principals.principal_key = principal_days.principal_key
        and principal_days.usage_date = {{ as_of_date() }}
