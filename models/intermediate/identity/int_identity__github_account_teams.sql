{{ config(materialized='table', enabled=var('github_copilot_enabled')) }}

{#
    One row per GitHub account and day on which it did something, and per account and the as-of day: in how many teams it
    was by GitHub's word, and the team when that is exactly one. The daily report of users and teams speaks first; it
    leaves out teams with fewer than five seats, and there the lists of team members speak.
#}
with

accounts as (
    select * from {{ ref('int_identity__github_accounts') }}
),

user_days as (
    select * from {{ ref('int_usage__github_copilot_user_days') }}
),

user_team_days as (
    select * from {{ ref('stg_github_copilot__user_team_days') }}
),

teams as (
    select * from {{ ref('int_identity__github_teams') }}
),

team_periods as (
    select * from {{ ref('int_identity__github_team_periods') }}
),

account_days as (
    select user_key, usage_date from user_days
    union
    select user_key, {{ as_of_date() }} as usage_date from accounts
),

teams_of_day as (
    select
        user_team_days.user_key,
        user_team_days.usage_date,
        count(distinct teams.team_key) as team_count,
        min(teams.team_key) as team_key
    from user_team_days
    inner join teams
        on
            user_team_days.account_id = teams.account_id
            and user_team_days.slug = teams.team_slug
    group by user_team_days.user_key, user_team_days.usage_date
),

teams_of_list as (
    select
        account_days.user_key,
        account_days.usage_date,
        count(distinct team_periods.team_key) as team_count,
        min(team_periods.team_key) as team_key
    from account_days
    inner join team_periods
        on
            account_days.user_key = team_periods.user_key
            and team_periods.membership_source = 'github_team_members'
            and account_days.usage_date
            >= coalesce(team_periods.valid_from, account_days.usage_date)
            and account_days.usage_date
            <= coalesce(team_periods.valid_to, account_days.usage_date)
    group by account_days.user_key, account_days.usage_date
)

select
    account_days.user_key,
    case
        when coalesce(teams_of_day.team_count, teams_of_list.team_count) = 1
            then coalesce(teams_of_day.team_key, teams_of_list.team_key)
    end as team_key,
    coalesce(teams_of_day.team_count, teams_of_list.team_count, 0) as team_count,
    account_days.usage_date
from account_days
left join teams_of_day
    on
        account_days.user_key = teams_of_day.user_key
        and account_days.usage_date = teams_of_day.usage_date
left join teams_of_list
    on
        account_days.user_key = teams_of_list.user_key
        and account_days.usage_date = teams_of_list.usage_date
