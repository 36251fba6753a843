{{ config(enabled=var('anthropic_enabled')) }}

{#
    One row per row of the Claude Code report, with its principal. The report knows people by e-mail and keys by name: a
    user or key is taken where exactly one has it, else e-mail or name stand for themselves.
#}
with

claude_code_days as (
    select * from {{ ref('stg_anthropic__claude_code_days') }}
),

users as (
    select * from {{ ref('int_identity__anthropic_users') }}
),

api_keys as (
    select * from {{ ref('stg_anthropic__api_keys') }}
),

users_by_email as (
    select account_id, email_key, min(user_key) as user_key
    from users
    where email_key is not null and user_key is not null
    group by account_id, email_key
    having count(distinct user_key) = 1
),

keys_by_name as (
    select account_id, name_key, min(api_key_id) as api_key_id
    from api_keys
    where name_key is not null
    group by account_id, name_key
    having count(distinct api_key_id) = 1
)

select
    claude_code_days.report_load_key,
    claude_code_days.record_ordinal,
    claude_code_days.account_id,
    case
        when claude_code_days.name_key is not null
            then coalesce(keys_by_name.api_key_id, 'key_name:' || claude_code_days.name_key)
        when claude_code_days.email_key is not null
            then coalesce(users_by_email.user_key, claude_code_days.email_key)
        else 'unattributed'
    end as principal_key,
    case
        when claude_code_days.name_key is not null then 'machine_key'
        when claude_code_days.email_key is not null then 'human_api_key'
        else 'unattributed'
    end as principal_kind,
    case
        when claude_code_days.customer_type = 'subscription' then 'seat'
        when coalesce(claude_code_days.name_key, claude_code_days.email_key) is not null
            then 'api_key'
        else 'unknown'
    end as auth_mode,
    claude_code_days.email_key,
    claude_code_days.name_hints,
    claude_code_days.terminal_type,
    claude_code_days.is_remote,
    claude_code_days.sessions,
    claude_code_days.lines_added,
    claude_code_days.lines_removed,
    claude_code_days.commits,
    claude_code_days.pull_requests,
    claude_code_days.accepted_actions,
    claude_code_days.rejected_actions,
    claude_code_days.estimated_usd,
    claude_code_days.usage_date
from claude_code_days
left join users_by_email
    on
        claude_code_days.account_id = users_by_email.account_id
        and claude_code_days.email_key = users_by_email.email_key
left join keys_by_name
    on
        claude_code_days.account_id = keys_by_name.account_id
        and claude_code_days.name_key = keys_by_name.name_key
