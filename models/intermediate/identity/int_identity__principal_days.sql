{{ config(materialized='table') }}

{#
    One row per vendor, principal and day on which it was used, and per principal and the as-of day: whose the use is.

    The team is the one at the time of use, so history does not move when a person does. Whatever has no team says why;
    nothing is left out.
#}
with

credits as (
    select * from {{ ref('int_usage__credits_unioned') }}
),

activity as (
    select * from {{ ref('int_usage__activity_unioned') }}
),

principals as (
    select * from {{ ref('int_identity__principals_unioned') }}
),

principal_persons as (
    select * from {{ ref('int_identity__principal_persons') }}
),

vendor_teams as (
    select * from {{ ref('int_identity__vendor_teams_unioned') }}
),

roster_periods as (
    select * from {{ ref('int_identity__roster_periods') }}
),

used_days as (
    select vendor, principal_key, usage_date from credits
    union
    select vendor, principal_key, usage_date from activity
    union
    select vendor, principal_key, {{ as_of_date() }} as usage_date from principals
),

person_ends as (
    select distinct person_key, person_ends_on from roster_periods
),

known_days as (
    select
        used_days.vendor,
        used_days.principal_key,
        principal_persons.person_key,
        principal_persons.person_source,
        roster_periods.cost_center_key,
        roster_periods.role_segment,
        case
            when principal_persons.person_source = 'roster' then roster_periods.team_key
            else vendor_teams.team_key
        end as team_key,
        vendor_teams.team_count,
        used_days.usage_date,
        person_ends.person_ends_on
    from used_days
    inner join principal_persons
        on
            used_days.vendor = principal_persons.vendor
            and used_days.principal_key = principal_persons.principal_key
    left join vendor_teams
        on
            used_days.vendor = vendor_teams.vendor
            and used_days.principal_key = vendor_teams.principal_key
            and used_days.usage_date = vendor_teams.usage_date
    left join person_ends
        on principal_persons.person_key = person_ends.person_key
    left join roster_periods
        on
            principal_persons.person_key = roster_periods.person_key
            and used_days.usage_date between roster_periods.starts_on and roster_periods.ends_on
)

select
    vendor,
    principal_key,
    person_key,
    person_source,
    team_key,
    cost_center_key,
    role_segment,
    case
        when team_key is not null then null
        when person_source = 'roster' and usage_date > person_ends_on then 'left_company'
        when person_source = 'roster' or team_count > 1 then 'unmapped_team'
        else 'unknown_user'
    end as unattributed_reason,
    usage_date
from known_days
