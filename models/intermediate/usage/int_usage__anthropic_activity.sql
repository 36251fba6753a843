{{ config(enabled=var('anthropic_enabled')) }}

{#
    One row per day, account and principal: what was done, by the Claude Code report of Console accounts and the
    engagement report of Enterprise ones. Developers who sign in with seats are in no Claude Code report of a Console
    account: they have no row here, which is no coverage, not zero.
#}
with

claude_code_rows as (
    select * from {{ ref('int_usage__anthropic_claude_code_rows') }}
),

users_activity as (
    select * from {{ ref('stg_anthropic__users_activity') }}
),

report_days as (
    select * from {{ ref('int_reports__days') }}
    where source = 'anthropic'
),

done as (
    select
        'claude-code' as report,
        account_id,
        principal_key,
        cast(null as bigint) as interactions,
        sessions,
        accepted_actions + coalesce(rejected_actions, 0) as suggestions,
        accepted_actions as acceptances,
        lines_added,
        lines_removed as lines_deleted,
        estimated_usd as vendor_estimate_usd,
        case
            when
                sessions > 0
                or lines_added > 0
                or lines_removed > 0
                or commits > 0
                or pull_requests > 0
                or accepted_actions > 0
                or rejected_actions > 0
                then 1
            when
                coalesce(
                    sessions, lines_added, lines_removed, commits, pull_requests, accepted_actions
                ) is not null
                then 0
        end as activity,
        usage_date
    from claude_code_rows

    union all

    select
        'users-activity' as report,
        account_id,
        coalesce(user_key, email_key, 'unattributed') as principal_key,
        case
            when
                coalesce(
                    chat_messages,
                    cowork_messages,
                    design_messages,
                    office_messages,
                    science_messages
                ) is not null
                then
                    coalesce(chat_messages, 0)
                    + coalesce(cowork_messages, 0)
                    + coalesce(design_messages, 0)
                    + coalesce(office_messages, 0)
                    + coalesce(science_messages, 0)
        end as interactions,
        case
            when
                coalesce(
                    sessions, cowork_sessions, design_sessions, office_sessions, science_sessions
                ) is not null
                then
                    coalesce(sessions, 0)
                    + coalesce(cowork_sessions, 0)
                    + coalesce(design_sessions, 0)
                    + coalesce(office_sessions, 0)
                    + coalesce(science_sessions, 0)
        end as sessions,
        accepted_actions + coalesce(rejected_actions, 0) as suggestions,
        accepted_actions as acceptances,
        lines_added,
        lines_removed as lines_deleted,
        {{ money('null') }} as vendor_estimate_usd,
        case when has_any_count then 1 when not has_any_count then 0 end as activity,
        usage_date
    from users_activity
),

summed as (
    select
        report,
        account_id,
        principal_key,
        cast(sum(interactions) as bigint) as interactions,
        cast(sum(sessions) as bigint) as sessions,
        cast(sum(suggestions) as bigint) as suggestions,
        cast(sum(acceptances) as bigint) as acceptances,
        cast(sum(lines_added) as bigint) as lines_added,
        cast(sum(lines_deleted) as bigint) as lines_deleted,
        {{ money('sum(vendor_estimate_usd)') }} as vendor_estimate_usd,
        max(activity) as activity,
        usage_date
    from done
    group by report, account_id, principal_key, usage_date
)

select
    summed.account_id,
    summed.principal_key,
    summed.interactions,
    cast(null as bigint) as requests,
    summed.sessions,
    cast(null as bigint) as prompts,
    summed.suggestions,
    summed.acceptances,
    cast(null as bigint) as lines_suggested_to_add,
    cast(null as bigint) as lines_suggested_to_delete,
    summed.lines_added,
    summed.lines_deleted,
    summed.vendor_estimate_usd,
    case summed.activity when 1 then true when 0 then false end as is_active,
    report_days.is_final,
    summed.usage_date,
    report_days.data_complete_through
from summed
inner join report_days
    on
        summed.account_id = report_days.account_id
        and summed.report = report_days.report
        and summed.usage_date = report_days.report_date
