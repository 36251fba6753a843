{{ config(enabled=var('github_copilot_enabled')) }}

{#
    One row per GitHub team that any report or list has named, with the key of your team that it stands for: the one
    that the seed github_team_map gives, else its own name under its organisation or enterprise.
#}
with

teams as (
    select * from {{ ref('stg_github_copilot__teams') }}
),

team_members as (
    select * from {{ ref('stg_github_copilot__team_members') }}
),

user_team_days as (
    select * from {{ ref('stg_github_copilot__user_team_days') }}
),

github_team_map as (
    select * from {{ ref('github_team_map') }}
),

named_teams as (
    select account_id, slug from teams
    union
    select account_id, slug from team_members
    union
    select account_id, slug from user_team_days
)

select
    named_teams.account_id,
    named_teams.slug as team_slug,
    coalesce(
        github_team_map.team_key,
        {{ dbt.split_part('named_teams.account_id', "'/'", 2) }} || '/' || named_teams.slug
    ) as team_key,
    github_team_map.team_key is not null as is_mapped
from named_teams
left join github_team_map
    on
        named_teams.account_id = github_team_map.account_id
        and named_teams.slug = github_team_map.team_slug
where named_teams.slug is not null
