{{ config(materialized='table', enabled=var('github_delivery_enabled')) }}

{#
    One row per pull request: the person whose change it is, and their team on the day on which it was merged, else
    opened.

    The roster's team counts; GitHub's own where the roster does not know the person and GitHub names one team.
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

github_persons as (
    select * from {{ ref('int_delivery__github_persons') }}
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

persons as (
    select
        credited.pull_request_key,
        credited.credited_key,
        credited.team_date,
        coalesce(github_persons.person_key, credited.credited_key) as person_key
    from credited
    left join github_persons
        on credited.credited_key = github_persons.identifier_key
),

known_to_roster as (
    select distinct person_key from roster_periods
),

{# An account goes by its logins, and by its own user id. #}
accounts as (
    select
        identifier_key,
        principal_key
    from identifiers

    union

    select
        principal_key as identifier_key,
        principal_key
    from team_periods
),

account_teams as (
    select
        persons.pull_request_key,
        count(distinct team_periods.team_key) as team_count,
        min(team_periods.team_key) as team_key
    from persons
    inner join accounts
        on persons.credited_key = accounts.identifier_key
    inner join team_periods
        on
            accounts.principal_key = team_periods.principal_key
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
