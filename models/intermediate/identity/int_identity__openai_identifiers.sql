{{ config(enabled=var('openai_enabled')) }}

{#
    One row per principal, matching step and identifier: the verified e-mails (step 2) of people, as the organisation's
    and its projects' lists and Codex tell them. Machines have none, whatever a list says.
#}
with

principals as (
    select * from {{ ref('int_identity__openai_principals') }}
),

users as (
    select * from {{ ref('stg_openai__users') }}
),

project_users as (
    select * from {{ ref('stg_openai__project_users') }}
),

codex_user_days as (
    select * from {{ ref('stg_openai__codex_user_days') }}
),

emails as (
    select user_key, email_key from users
    union
    select user_key, email_key from project_users
    union
    select user_key, email_key from codex_user_days
)

select
    principals.principal_key,
    emails.email_key as identifier_key,
    2 as match_step
from principals
inner join emails
    on principals.principal_key = emails.user_key
where
    principals.principal_kind in ('human_api_key', 'human_seat')
    and emails.email_key is not null
