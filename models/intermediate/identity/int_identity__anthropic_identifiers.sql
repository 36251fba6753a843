{{ config(enabled=var('anthropic_enabled')) }}

{#
    One row per principal, matching step and identifier: the e-mails of Claude accounts, which the vendor has verified.
    Keys and service accounts have none.
#}
with

users as (
    select * from {{ ref('int_identity__anthropic_users') }}
),

reported as (
    select * from {{ ref('int_usage__anthropic_rows') }}
),

claude_code_rows as (
    select * from {{ ref('int_usage__anthropic_claude_code_rows') }}
),

activity as (
    select * from {{ ref('stg_anthropic__users_activity') }}
),

emails as (
    select user_key as principal_key, email_key
    from users

    union all

    select principal_key, email_key
    from reported
    where principal_key = email_key

    union all

    select principal_key, email_key
    from claude_code_rows
    where principal_key = email_key

    union all

    select email_key as principal_key, email_key
    from activity
    where user_key is null
)

select distinct
    principal_key,
    email_key as identifier_key,
    2 as match_step
from emails
where principal_key is not null and email_key is not null
