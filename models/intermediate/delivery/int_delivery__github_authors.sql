{{ config(materialized='table', enabled=var('github_delivery_enabled')) }}

{#
    One row per pull request: the person whose change it is, and their team on the day on which it was merged, else
    opened.

    The account's login leads to the person: of Copilot's accounts, else of the roster itself; two persons of one login
    are a conflict, and nobody is taken. The roster's team counts; GitHub's own where the roster does not know the person
    and GitHub names one team.
#}
with

pull_requests as (
    select * from {{ ref('int_delivery__github_pull_requests') }}
),

authorship as (
    select * from {{ ref('int_delivery__github_authorship') }}
),

identifiers as (
    select * from {{ ref('int_identity__identifiers_unioned') }}
    where
        vendor = 'github_copilot'
        and match_step = 1
),

principal_persons as (
    select * from {{ ref('int_identity__principal_persons') }}
),

roster_identifiers as (
    select * from {{ ref('stg_roster__person_identifiers') }}
),

roster_periods as (
    select * from {{ ref('int_identity__roster_periods') }}
),

team_periods as (
    select * from {{ ref('int_identity__vendor_team_periods_unioned') }}
    where vendor = 'github_copilot'
),

credited as (
    select
        pull_requests.pull_request_key,
        authorship.credited_key,
        cast(coalesce(pull_requests.merged_at, pull_requests.created_at) as date) as team_date
    from pull_requests
    inner join authorship
        on pull_requests.pull_request_key = authorship.pull_request_key
    where authorship.credited_key is not null
),

account_persons as (
    select
        identifiers.identifier_key,
        count(distinct principal_persons.person_key) as person_count,
        min(principal_persons.person_key) as person_key
    from identifiers
    inner join principal_persons
        on
            identifiers.vendor = principal_persons.vendor
            and identifiers.principal_key = principal_persons.principal_key
            and principal_persons.person_key is not null
    group by identifiers.identifier_key
),

roster_persons as (
    select
        identifier_key,
        count(distinct person_key) as person_count,
        min(person_key) as person_key
    from roster_identifiers
    group by identifier_key
),

persons as (
    select
        credited.pull_request_key,
        credited.credited_key,
        credited.team_date,
        case
            when account_persons.person_count = 1 then account_persons.person_key
            when account_persons.person_count is null and roster_persons.person_count = 1
                then roster_persons.person_key
            else credited.credited_key
        end as person_key
    from credited
    left join account_persons
        on credited.credited_key = account_persons.identifier_key
    left join roster_persons
        on credited.credited_key = roster_persons.identifier_key
),

known_to_roster as (
    select distinct person_key from roster_periods
),

account_teams as (
    select
        persons.pull_request_key,
        count(distinct team_periods.team_key) as team_count,
        min(team_periods.team_key) as team_key
    from persons
    inner join identifiers
        on persons.credited_key = identifiers.identifier_key
    inner join team_periods
        on
            identifiers.principal_key = team_periods.principal_key
            and persons.team_date
            between coalesce(team_periods.valid_from, cast('1900-01-01' as date))
            and coalesce(team_periods.valid_to, cast('9999-12-31' as date))
    group by persons.pull_request_key
)

select
    persons.pull_request_key,
    persons.person_key,
    case
        when known_to_roster.person_key is not null then roster_periods.team_key
        when account_teams.team_count = 1 then account_teams.team_key
    end as team_key
from persons
left join known_to_roster
    on persons.person_key = known_to_roster.person_key
left join roster_periods
    on
        persons.person_key = roster_periods.person_key
        and persons.team_date between roster_periods.starts_on and roster_periods.ends_on
left join account_teams
    on persons.pull_request_key = account_teams.pull_request_key
