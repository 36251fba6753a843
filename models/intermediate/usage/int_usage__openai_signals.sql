{{ config(enabled=var('openai_enabled')) }}

{#
    One row per day, account, key, signal and workspace. A key that asks for completions carries the traffic of a
    server, a pipeline or a tool: what it is for is worth knowing.
#}
with

results as (
    select * from {{ ref('int_usage__openai_results') }}
),

credits as (
    select * from {{ ref('int_usage__openai_credits') }}
),

principals as (
    select * from {{ ref('int_identity__openai_principals') }}
),

key_days as (
    select
        account_id,
        principal_key,
        count(*) as records,
        usage_date
    from results
    where product = 'completions' and api_key_id is not null
    group by account_id, principal_key, usage_date
)

select
    key_days.account_id,
    key_days.principal_key,
    'server_traffic' as signal,
    principals.workspace_name,
    cast(key_days.records as bigint) as records,
    credits.usage_value_usd,
    key_days.usage_date
from key_days
inner join principals
    on key_days.principal_key = principals.principal_key
inner join credits
    on
        key_days.usage_date = credits.usage_date
        and key_days.account_id = credits.account_id
        and key_days.principal_key = credits.principal_key
        and credits.product = 'completions'
