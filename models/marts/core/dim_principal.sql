{#
    One row per principal: the seat, key or account by which a vendor counts use, and the person who answers for it.
#}
with

principals as (
    select * from {{ ref('int_identity__principals_unioned') }}
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
    principal_persons.person_key as owner_person_key,
    principal_persons.person_source,
    principal_persons.matched_by,
    principal_days.team_key,
    principal_days.cost_center_key,
    cast(null as {{ dbt.type_string() }}) as environment,
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
