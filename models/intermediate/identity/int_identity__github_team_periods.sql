{{ config(materialized='table', enabled=var('github_copilot_enabled')) }}

{#
    One row per source, GitHub account, asked account, team and period for which GitHub puts the account in the team.

    A list of team members holds from the day it was read until the next one of the same asked account was read; the
    first list also stands for all days before it, because nothing older is known. The daily report of users and teams
    holds for its own day. Readings in a row that agree are one period.
#}
with

current_reports as (
    select * from {{ ref('stg_github_copilot__current_reports') }}
),

team_members as (
    select * from {{ ref('stg_github_copilot__team_members') }}
),

user_team_days as (
    select * from {{ ref('stg_github_copilot__user_team_days') }}
),

teams as (
    select * from {{ ref('int_identity__github_teams') }}
),

readings as (
    select
        report_load_key,
        account_id,
        report,
        report_date,
        row_number() over (partition by account_id, report order by report_date) as reading_number,
        lead(report_date) over (partition by account_id, report order by report_date)
            as next_report_date
    from current_reports
    where report in ('team-members', 'user-teams-1-day')
),

{#
    GitHub lists the members of child teams too: they belong to the child. Where it does not say, a member is taken for
    a direct one.
#}
named_members as (
    select report_load_key, account_id, user_key, slug
    from team_members
    where not coalesce(is_inherited, false)
    union
    select report_load_key, account_id, user_key, slug from user_team_days
),

memberships as (
    select distinct
        readings.account_id,
        named_members.user_key,
        teams.team_key,
        case readings.report
            when 'team-members' then 'github_team_members'
            else 'github_user_teams'
        end as membership_source,
        readings.reading_number,
        readings.report_date as first_day,
        case readings.report
            when 'team-members' then {{ add_days('readings.next_report_date', -1) }}
            else readings.report_date
        end as last_day
    from named_members
    inner join readings
        on named_members.report_load_key = readings.report_load_key
    inner join teams
        on
            named_members.account_id = teams.account_id
            and named_members.slug = teams.team_slug
),

runs as (
    select
        *,
        reading_number - row_number() over (
            partition by membership_source, account_id, user_key, team_key
            order by reading_number
        ) as run_number
    from memberships
)

select
    account_id,
    user_key,
    team_key,
    membership_source,
    case
        when membership_source = 'github_user_teams' or min(reading_number) > 1 then min(first_day)
    end as valid_from,
    case when count(last_day) = count(*) then max(last_day) end as valid_to
from runs
group by membership_source, account_id, user_key, team_key, run_number
