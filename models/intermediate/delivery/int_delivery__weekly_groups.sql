{{ config(materialized='table') }}

{#
    One row per kind of fact and fact of delivery, with the team under which it is shown, and whether it is.

    A team is shown by its name in a week where at least smallest_group persons of it had a change merged in the eight
    weeks that end with it; else its facts are with those of all small teams. What would then tell of one person alone in a
    week and repository goes to the small teams too, and is not shown where it would be alone there as well. Facts of
    nobody, such as a bot's, tell of no person.
#}
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

persons_of_rows as (
    select
        iso_week,
        sized_team_key,
        repository,
        count(distinct person_key) as persons
    from by_size
    group by iso_week, sized_team_key, repository
),

by_persons as (
    select
        by_size.*,
        case
            when persons_of_rows.persons = 1 then 'small_teams'
            else by_size.sized_team_key
        end as shown_team_key
    from by_size
    inner join persons_of_rows
        on
            by_size.iso_week = persons_of_rows.iso_week
            and by_size.sized_team_key = persons_of_rows.sized_team_key
            and by_size.repository = persons_of_rows.repository
),

persons_shown as (
    select
        iso_week,
        shown_team_key,
        repository,
        count(distinct person_key) as persons
    from by_persons
    group by iso_week, shown_team_key, repository
)

select
    by_persons.fact_kind,
    by_persons.fact_key,
    by_persons.iso_week,
    by_persons.team_key,
    by_persons.shown_team_key,
    persons_shown.persons <> 1 as is_shown,
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
inner join persons_shown
    on
        by_persons.iso_week = persons_shown.iso_week
        and by_persons.shown_team_key = persons_shown.shown_team_key
        and by_persons.repository = persons_shown.repository
