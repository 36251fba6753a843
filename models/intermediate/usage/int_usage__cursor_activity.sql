{{ config(materialized='table', enabled=var('cursor_enabled')) }}

{#
    One row per UTC day, account and member, members who did nothing included: what the daily report counts. It knows
    no money; lines are accepted AI lines, which agent mode counts too low.
#}
with

daily_usage as (
    select * from {{ ref('stg_cursor__daily_usage') }}
),

report_days as (
    select * from {{ ref('int_reports__days') }}
    where source = 'cursor' and report = 'daily-usage'
),

{# A member whom a shifting page brought twice counts once; members without an e-mail are not one member. #}
member_days as (
    select
        account_id,
        coalesce(email_key, 'unattributed') as principal_key,
        max(composer_requests) as composer_requests,
        max(chat_requests) as chat_requests,
        max(agent_requests) as agent_requests,
        max(cmdk_requests) as cmdk_requests,
        max(tabs_shown) as tabs_shown,
        max(tabs_accepted) as tabs_accepted,
        max(accepts) as accepts,
        max(accepted_lines_added) as lines_added,
        max(accepted_lines_deleted) as lines_deleted,
        max(case when is_active then 1 when not is_active then 0 end) as active_days,
        usage_date
    from daily_usage
    group by
        account_id,
        email_key,
        case when email_key is null then record_ordinal end,
        usage_date
),

principal_days as (
    select
        account_id,
        principal_key,
        {# What one of them does not say is no zero; NULL only where none of them says anything. #}
        cast(
            sum(
                case
                    when
                        coalesce(
                            composer_requests, chat_requests, agent_requests, cmdk_requests
                        ) is not null
                        then
                            coalesce(composer_requests, 0)
                            + coalesce(chat_requests, 0)
                            + coalesce(agent_requests, 0)
                            + coalesce(cmdk_requests, 0)
                end
            ) as bigint
        ) as requests,
        cast(sum(tabs_shown) as bigint) as suggestions,
        cast(
            sum(
                case
                    when coalesce(tabs_accepted, accepts) is not null
                        then coalesce(tabs_accepted, 0) + coalesce(accepts, 0)
                end
            ) as bigint
        ) as acceptances,
        cast(sum(lines_added) as bigint) as lines_added,
        cast(sum(lines_deleted) as bigint) as lines_deleted,
        max(active_days) = 1 as is_active,
        usage_date
    from member_days
    group by account_id, principal_key, usage_date
)

select
    principal_days.account_id,
    principal_days.principal_key,
    cast(null as bigint) as interactions,
    principal_days.requests,
    cast(null as bigint) as sessions,
    cast(null as bigint) as prompts,
    principal_days.suggestions,
    principal_days.acceptances,
    cast(null as bigint) as lines_suggested_to_add,
    cast(null as bigint) as lines_suggested_to_delete,
    principal_days.lines_added,
    principal_days.lines_deleted,
    {{ money('null') }} as vendor_estimate_usd,
    principal_days.is_active,
    report_days.is_final,
    principal_days.usage_date,
    report_days.data_complete_through
from principal_days
inner join report_days
    on
        principal_days.account_id = report_days.account_id
        and principal_days.usage_date = report_days.report_date
