{{ config(materialized='table', enabled=var('cursor_enabled')) }}

{#
    One row per Cursor account and day on which it or its cloud agents did something, and per account and the as-of day:
    in how many billing groups it was, and the team that the group stands for when it is exactly one.
#}
with

accounts as (
    select * from {{ ref('int_identity__cursor_principals') }}
),

credits as (
    select * from {{ ref('int_usage__cursor_credits') }}
),

activity as (
    select * from {{ ref('int_usage__cursor_activity') }}
),

tokens as (
    select * from {{ ref('int_usage__cursor_tokens') }}
),

group_periods as (
    select * from {{ ref('int_identity__cursor_group_periods') }}
),

used_days as (
    select principal_key, usage_date from credits
    union
    select principal_key, usage_date from activity
    union
    select principal_key, usage_date from tokens
    union
    select principal_key, {{ as_of_date() }} as usage_date from accounts
),

{# A cloud agent's use is its owner's, on days on which the owner did nothing too. #}
account_days as (
    select distinct
        coalesce(accounts.owner_principal_key, accounts.principal_key) as principal_key,
        used_days.usage_date
    from used_days
    inner join accounts
        on used_days.principal_key = accounts.principal_key
)

select
    account_days.principal_key,
    case when count(distinct group_periods.team_key) = 1 then min(group_periods.team_key) end
        as team_key,
    count(distinct group_periods.team_key) as team_count,
    account_days.usage_date
from account_days
inner join group_periods
    on
        account_days.principal_key = group_periods.principal_key
        and account_days.usage_date >= coalesce(group_periods.valid_from, account_days.usage_date)
        and account_days.usage_date <= coalesce(group_periods.valid_to, account_days.usage_date)
group by account_days.principal_key, account_days.usage_date
