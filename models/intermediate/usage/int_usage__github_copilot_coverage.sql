{{ config(enabled=var('github_copilot_enabled')) }}

{#
    One row per account whose user reports were asked for: how far its days are loaded without a hole, from the first
    day that the vendor had. Days before it, which a back-fill may have asked for, are no hole.
#}
with

report_loads as (
    select * from {{ ref('stg_github_copilot__report_loads') }}
),

report_days as (
    select * from {{ ref('int_usage__github_copilot_report_days') }}
),

asked_accounts as (
    select distinct account_id
    from report_loads
    where report in ('users-1-day', 'users-28-day')
),

first_days as (
    select
        asked_accounts.account_id,
        min(report_days.usage_date) as first_day
    from asked_accounts
    left join report_days
        on asked_accounts.account_id = report_days.account_id
    group by asked_accounts.account_id
),

numbered_days as (
    select
        report_days.account_id,
        report_days.usage_date,
        {{ days_between('first_days.first_day', 'report_days.usage_date') }} as days_since_first,
        row_number() over (
            partition by report_days.account_id order by report_days.usage_date
        ) as day_number
    from report_days
    inner join first_days
        on report_days.account_id = first_days.account_id
),

{# Without a hole, the n-th loaded day is n - 1 days after the first one. #}
days_without_hole as (
    select
        account_id,
        max(usage_date) as data_complete_through
    from numbered_days
    where days_since_first = day_number - 1
    group by account_id
)

select
    first_days.account_id,
    first_days.first_day,
    days_without_hole.data_complete_through
from first_days
left join days_without_hole
    on first_days.account_id = days_without_hole.account_id
