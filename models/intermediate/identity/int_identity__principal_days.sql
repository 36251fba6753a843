{{ config(materialized='table') }}

{#
    One row per vendor, principal and day on which it was used, and per principal and the as-of day: whose the use is.

    The team is the one at the time of use, so history does not move when a person does. A key belongs to the team that
    its tag names, and to nobody for having made it; what a cloud agent did on behalf of somebody is that person's.
    Whatever has no team says why; nothing is left out.
#}
with

credits as (
    select * from {{ ref('int_usage__credits_unioned') }}
),

activity as (
    select * from {{ ref('int_usage__activity_unioned') }}
),

tokens as (
    select * from {{ ref('int_usage__tokens_unioned') }}
),

principals as (
    select * from {{ ref('int_identity__principals_tagged') }}
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
    select vendor, principal_key, usage_date from tokens
    union
    select vendor, principal_key, {{ as_of_date() }} as usage_date from principals
),

person_ends as (
    select distinct person_key, person_ends_on from roster_periods
),

{# Whose person and tag count: the principal's own, or those of whom a cloud agent without a tagged team ran for. #}
answering_principals as (
    select
        principals.vendor,
        principals.principal_key,
        coalesce(owners.principal_key, principals.principal_key) as answering_principal_key,
        coalesce(owners.principal_kind, principals.principal_kind) as answering_kind,
        coalesce(owners.is_person, principals.is_person) as is_answered_by_person,
        coalesce(owners.tagged_team_key, principals.tagged_team_key) as tagged_team_key,
        coalesce(principals.tagged_cost_center_key, owners.tagged_cost_center_key)
            as tagged_cost_center_key
    from principals
    left join principals as owners
        on
            principals.principal_kind = 'cloud_agent'
            and principals.tagged_team_key is null
            and principals.vendor = owners.vendor
            and principals.owner_principal_key = owners.principal_key
),

known_days as (
    select
        used_days.vendor,
        used_days.principal_key,
        answering_principals.answering_kind,
        principal_persons.person_key,
        principal_persons.person_source,
        case
            when answering_principals.is_answered_by_person then roster_periods.cost_center_key
            else answering_principals.tagged_cost_center_key
        end as cost_center_key,
        roster_periods.role_segment,
        case
            when not answering_principals.is_answered_by_person
                then answering_principals.tagged_team_key
            when principal_persons.person_source = 'roster' then roster_periods.team_key
            else vendor_teams.team_key
        end as team_key,
        vendor_teams.team_count,
        used_days.usage_date,
        person_ends.person_ends_on
    from used_days
    inner join answering_principals
        on
            used_days.vendor = answering_principals.vendor
            and used_days.principal_key = answering_principals.principal_key
    left join principal_persons
        on
            answering_principals.vendor = principal_persons.vendor
            and answering_principals.answering_principal_key = principal_persons.principal_key
    left join vendor_teams
        on
            used_days.vendor = vendor_teams.vendor
            and answering_principals.answering_principal_key = vendor_teams.principal_key
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
        when person_key is not null then 'unknown_user'
        when answering_kind = 'shared_key' then 'shared_key'
        when answering_kind = 'unattributed' then 'unknown_user'
        else 'no_owner_for_key'
    end as unattributed_reason,
    usage_date
from known_days
