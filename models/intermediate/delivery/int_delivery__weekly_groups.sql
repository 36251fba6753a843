{{ config(materialized='table') }}

{#
    One row per kind of fact and fact of delivery, with the team under which it is shown, and whether it is.

    A team is shown by its name in a week where at least smallest_group persons of it had a change merged in the eight
    weeks that end with it; else its facts are with those of all small teams. A row of a week and repository in which one
    kind of facts is of one person alone goes to the small teams too, and is not shown where that is so there as well, nor
    where the small teams have fewer authors than smallest_group themselves. A failure counts as a deployment here: it is
    of those who deployed. Facts of nobody, such as a bot's, tell of no person.
#}
{% set measured_kind = "case when fact_kind = 'failure' then 'deployment' else fact_kind end" -%}
with

facts as (
    select * from {{ ref('int_delivery__weekly_facts') }}
),

team_weeks as (
    select distinct
        team_key,
        iso_week
    from facts
),

merged as (
    select
        team_key,
        iso_week,
        person_key
    from facts
    where
        fact_kind = 'merged_pull_request'
        and person_key is not null
),

sizes as (
    select
        team_weeks.team_key,
        team_weeks.iso_week,
        count(distinct merged.person_key) as authors
    from team_weeks
    left join merged
        on
            team_weeks.team_key = merged.team_key
            and merged.iso_week between {{ add_days('team_weeks.iso_week', -49) }}
            and team_weeks.iso_week
    group by team_weeks.team_key, team_weeks.iso_week
),

by_size as (
    select
        facts.*,
        case
            when facts.person_key is null and facts.team_key like 'unattributed:%'
                then facts.team_key
            when sizes.authors >= {{ var('smallest_group') }} then facts.team_key
            else 'small_teams'
        end as sized_team_key
    from facts
    inner join sizes
        on
            facts.team_key = sizes.team_key
            and facts.iso_week = sizes.iso_week
),

kinds_of_rows as (
    select
        iso_week,
        sized_team_key,
        repository,
        count(distinct person_key) as persons
    from by_size
    group by iso_week, sized_team_key, repository, {{ measured_kind }}
),

lone_rows as (
    select distinct
        iso_week,
        sized_team_key,
        repository
    from kinds_of_rows
    where persons = 1
),

by_persons as (
    select
        by_size.*,
        case
            when lone_rows.repository is not null then 'small_teams'
            else by_size.sized_team_key
        end as shown_team_key
    from by_size
    left join lone_rows
        on
            by_size.iso_week = lone_rows.iso_week
            and by_size.sized_team_key = lone_rows.sized_team_key
            and by_size.repository = lone_rows.repository
),

kinds_shown as (
    select
        iso_week,
        shown_team_key,
        repository,
        count(distinct person_key) as persons
    from by_persons
    group by iso_week, shown_team_key, repository, {{ measured_kind }}
),

lone_shown as (
    select distinct
        iso_week,
        shown_team_key,
        repository
    from kinds_shown
    where persons = 1
),

small_merged as (
    select
        iso_week,
        person_key
    from by_persons
    where
        shown_team_key = 'small_teams'
        and fact_kind = 'merged_pull_request'
        and person_key is not null
),

weeks as (
    select distinct iso_week from facts
),

large_enough as (
    select weeks.iso_week
    from weeks
    inner join small_merged
        on
            small_merged.iso_week between {{ add_days('weeks.iso_week', -49) }}
            and weeks.iso_week
    group by weeks.iso_week
    having count(distinct small_merged.person_key) >= {{ var('smallest_group') }}
)

select
    by_persons.fact_kind,
    by_persons.fact_key,
    by_persons.iso_week,
    by_persons.team_key,
    by_persons.shown_team_key,
    (
        lone_shown.repository is null
        and (by_persons.shown_team_key <> 'small_teams' or large_enough.iso_week is not null)
    ) as is_shown,
    by_persons.repository,
    by_persons.person_key,
    by_persons.authorship,
    by_persons.is_reverted,
    by_persons.has_session,
    by_persons.cycle_seconds,
    by_persons.review_seconds,
    by_persons.is_failed,
    by_persons.seconds_to_restore,
    by_persons.ai_credits,
    by_persons.premium_requests,
    by_persons.session_id,
    by_persons.model_calls,
    by_persons.priced_calls,
    by_persons.share_cost_usd
from by_persons
left join lone_shown
    on
        by_persons.iso_week = lone_shown.iso_week
        and by_persons.shown_team_key = lone_shown.shown_team_key
        and by_persons.repository = lone_shown.repository
left join large_enough
    on by_persons.iso_week = large_enough.iso_week
