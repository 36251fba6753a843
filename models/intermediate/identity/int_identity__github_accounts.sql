{{ config(materialized='table', enabled=var('github_copilot_enabled')) }}

{#
    One row per GitHub account that any report or list has named, keyed by its numeric id: a renamed login stays one.
#}
with

user_days as (
    select * from {{ ref('int_usage__github_copilot_user_days') }}
),

user_team_days as (
    select * from {{ ref('stg_github_copilot__user_team_days') }}
),

seats as (
    select * from {{ ref('stg_github_copilot__seats') }}
),

members as (
    select * from {{ ref('stg_github_copilot__members') }}
),

team_members as (
    select * from {{ ref('stg_github_copilot__team_members') }}
),

identities as (
    select * from {{ ref('stg_github_copilot__identities') }}
),

sightings as (
    select user_key, cast(null as {{ dbt.type_string() }}) as account_type, usage_date as seen_date
    from user_days

    union all

    select user_key, null as account_type, usage_date as seen_date
    from user_team_days

    union all

    select user_key, assignee_type as account_type, snapshot_date as seen_date
    from seats

    union all

    select user_key, account_type, snapshot_date as seen_date
    from members

    union all

    select user_key, null as account_type, snapshot_date as seen_date
    from team_members

    union all

    select user_key, null as account_type, snapshot_date as seen_date
    from identities
)

select
    user_key,
    {# An account is a bot or it is not, for life: one list that says so is enough. #}
    case
        when max(case when account_type = 'Bot' then 1 else 0 end) = 1 then 'Bot'
        when max(case when account_type = 'User' then 1 else 0 end) = 1 then 'User'
    end as account_type,
    min(seen_date) as first_seen_date,
    max(seen_date) as last_seen_date
from sightings
where user_key is not null
group by user_key
