{{ config(enabled=var('github_copilot_enabled')) }}

{#
    One row per GitHub account, matching step and identifier by which a roster may know the account. A login that the
    account once had counts for ever: rosters are often older than the rename.
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

identifiers as (
    select user_key, 1 as match_step, login_key as identifier_key from user_days
    union all
    select user_key, 1 as match_step, login_key as identifier_key from user_team_days
    union all
    select user_key, 1 as match_step, login_key as identifier_key from seats
    union all
    select user_key, 1 as match_step, login_key as identifier_key from members
    union all
    select user_key, 1 as match_step, login_key as identifier_key from team_members
    union all
    select user_key, 1 as match_step, login_key as identifier_key from identities
    union all
    select user_key, 3 as match_step, saml_name_id_key as identifier_key from identities
    union all
    select user_key, 3 as match_step, saml_email_key as identifier_key from identities
    union all
    select user_key, 3 as match_step, scim_username_key as identifier_key from identities
    union all
    select user_key, 3 as match_step, scim_email_key as identifier_key from identities
    union all
    select user_key, 4 as match_step, email_key as identifier_key from members
)

select distinct
    user_key,
    match_step,
    identifier_key
from identifiers
where user_key is not null and identifier_key is not null
