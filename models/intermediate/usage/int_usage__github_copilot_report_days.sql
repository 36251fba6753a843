{{ config(materialized='table', enabled=var('github_copilot_enabled')) }}

{#
    One row per account and day of which some user report speaks: the one report that does.

    users-1-day speaks for its day. Only where an account has none does the newest users-28-day that covers the day
    stand in: it holds the same rows, and it is the only way back to days that were never asked for in time.
#}
with

current_reports as (
    select * from {{ ref('stg_github_copilot__current_reports') }}
),

report_loads as (
    select * from {{ ref('stg_github_copilot__report_loads') }}
),

calendar_days as (
    select * from {{ ref('int_calendar__days') }}
),

covered_days as (
    select
        account_id,
        report,
        report_load_key,
        1 as preference,
        report_date as usage_date,
        report_date,
        loaded_at
    from current_reports
    where report = 'users-1-day'

    union all

    select
        current_reports.account_id,
        current_reports.report,
        current_reports.report_load_key,
        2 as preference,
        calendar_days.date_day as usage_date,
        current_reports.report_date,
        current_reports.loaded_at
    from current_reports
    inner join calendar_days
        on
            current_reports.window_start <= calendar_days.date_day
            and current_reports.window_end >= calendar_days.date_day
    where current_reports.report = 'users-28-day'
),

chosen_reports as (
    select
        *,
        row_number() over (
            partition by account_id, usage_date
            order by preference asc, report_date desc
        ) as choice
    from covered_days
),

{# An unchanged answer stores no rows, but it is a reading: it confirms the rows that are there. #}
last_reads as (
    select
        account_id,
        report,
        report_date,
        max(downloaded_at) as last_read_at
    from report_loads
    where status in ('loaded', 'unchanged')
    group by account_id, report, report_date
)

select
    chosen_reports.account_id,
    chosen_reports.report,
    chosen_reports.report_load_key,
    {# In a replay the clock of the reading runs ahead of the day that stands for today: neither may be early. #}
    cast(last_reads.last_read_at as date) >= {{ add_days('chosen_reports.usage_date', 4) }}
    and {{ as_of_date() }} >= {{ add_days('chosen_reports.usage_date', 4) }} as is_final,
    chosen_reports.usage_date,
    chosen_reports.loaded_at as report_loaded_at,
    last_reads.last_read_at
from chosen_reports
inner join last_reads
    on
        chosen_reports.account_id = last_reads.account_id
        and chosen_reports.report = last_reads.report
        and chosen_reports.report_date = last_reads.report_date
where chosen_reports.choice = 1
