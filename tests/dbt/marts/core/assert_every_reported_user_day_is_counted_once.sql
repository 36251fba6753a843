{{ config(enabled=var('github_copilot_enabled')) }}

{#
    Every user and day that a current report tells of is in the credits exactly once, with credits that one of the reports
    states, and with known credits wherever one of them knows them. Worked out from staging by another way than the
    models: a users-28-day row counts when its account has no users-1-day for the day and no newer users-28-day covers it.
#}
with

current_reports as (
    select * from {{ ref('stg_github_copilot__current_reports') }}
),

reported as (
    select
        user_days.user_key,
        user_days.usage_date,
        user_days.account_id,
        user_days.ai_credits
    from {{ ref('stg_github_copilot__user_days') }} as user_days
    inner join current_reports
        on user_days.report_load_key = current_reports.report_load_key
    where
        current_reports.report = 'users-1-day'
        or not exists (
            select 1
            from current_reports as better_reports
            where
                better_reports.account_id = user_days.account_id
                and user_days.usage_date >= better_reports.window_start
                and user_days.usage_date <= better_reports.window_end
                and (
                    better_reports.report = 'users-1-day'
                    or (
                        better_reports.report = 'users-28-day'
                        and better_reports.report_date > current_reports.report_date
                    )
                )
        )
),

expected as (
    select
        user_key,
        usage_date,
        max(ai_credits) as most_credits
    from reported
    group by user_key, usage_date
),

counted as (
    select
        principal_key,
        usage_date,
        count(*) as row_count,
        max(account_id) as account_id,
        max(credits) as credits
    from {{ ref('fct_credits_daily') }}
    where vendor = 'github_copilot'
    group by principal_key, usage_date
)

select
    coalesce(expected.user_key, counted.principal_key) as user_key,
    coalesce(expected.usage_date, counted.usage_date) as usage_date,
    expected.most_credits,
    counted.credits,
    counted.row_count
from expected
full outer join counted
    on
        expected.user_key = counted.principal_key
        and expected.usage_date = counted.usage_date
left join reported
    on
        counted.principal_key = reported.user_key
        and counted.usage_date = reported.usage_date
        and counted.account_id = reported.account_id
        and counted.credits = reported.ai_credits
where
    expected.user_key is null
    or coalesce(counted.row_count, 0) <> 1
    or (expected.most_credits is null) <> (counted.credits is null)
    or (counted.credits is not null and reported.user_key is null)
