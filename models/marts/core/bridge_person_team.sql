{#
    One row per person, team, source and first day: when a person was in a team, and who says so. A vendor's word
    is shown only for persons whom the roster does not know, as only theirs is used.
#}
with

roster_periods as (
    select * from {{ ref('int_identity__roster_periods') }}
),

vendor_team_periods as (
    select * from {{ ref('int_identity__vendor_team_periods_unioned') }}
),

principal_persons as (
    select * from {{ ref('int_identity__principal_persons') }}
)

select
    person_key,
    team_key,
    'roster' as source,
    nullif(starts_on, cast('1900-01-01' as date)) as valid_from,
    nullif(ends_on, cast('9999-12-31' as date)) as valid_to
from roster_periods
where team_key is not null

union all

select
    principal_persons.person_key,
    vendor_team_periods.team_key,
    vendor_team_periods.membership_source as source,
    vendor_team_periods.valid_from,
    max(vendor_team_periods.valid_to) as valid_to
from vendor_team_periods
inner join principal_persons
    on
        vendor_team_periods.vendor = principal_persons.vendor
        and vendor_team_periods.principal_key = principal_persons.principal_key
where principal_persons.person_source <> 'roster'
group by
    principal_persons.person_key,
    vendor_team_periods.team_key,
    vendor_team_periods.membership_source,
    vendor_team_periods.valid_from
