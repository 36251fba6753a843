{#
    Nobody stands behind a key because he made it: a principal has a person exactly when it is a human's own account, or a
    cloud agent whose owner has one and whose tag names no team.
#}
with

principals as (
    select * from {{ ref('int_identity__principals_tagged') }}
),

principal_days as (
    select * from {{ ref('int_identity__principal_days') }}
)

select
    principals.vendor,
    principals.principal_key,
    principals.principal_kind,
    principal_days.person_key
from principals
inner join principal_days
    on
        principals.vendor = principal_days.vendor
        and principals.principal_key = principal_days.principal_key
where
    (principals.is_person and principal_days.person_key is null)
    or (
        not principals.is_person
        and principal_days.person_key is not null
        and not (
            principals.principal_kind = 'cloud_agent'
            and principals.owner_principal_key is not null
            and principals.tagged_team_key is null
        )
    )
