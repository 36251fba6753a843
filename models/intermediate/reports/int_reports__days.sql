{{ config(materialized='table') }}

{#
    One row per source, account, report and day that is loaded: whether the day is final, and how far the account's
    report is loaded without a hole. A report that covers several days, such as an export, speaks for each of them.
#}
with

loads as (
    select * from {{ ref('int_reports__loads_unioned') }}
),

calendar_days as (
    select * from {{ ref('int_calendar__days') }}
),

loads_by_age as (
    select
        *,
        row_number() over (
            partition by source, account_id, report, report_date
            order by loaded_at desc, {{ binary_order('report_load_key') }} desc
        ) as load_age
    from loads
    where status = 'loaded'
),

{# An unchanged answer stores no rows, but it is a reading: it confirms the rows that are there. #}
last_reads as (
    select
        source,
        account_id,
        report,
        report_date,
        max(downloaded_at) as last_read_at
    from loads
    where status in ('loaded', 'unchanged')
    group by source, account_id, report, report_date
),

days as (
    select
        loads_by_age.source,
        loads_by_age.account_id,
        loads_by_age.report,
        loads_by_age.is_dated,
        loads_by_age.final_after_days,
        calendar_days.date_day as report_date,
        min(calendar_days.date_day) over (
            partition by loads_by_age.source, loads_by_age.account_id, loads_by_age.report
        ) as first_date,
        max(last_reads.last_read_at) as last_read_at
    from loads_by_age
    inner join last_reads
        on
            loads_by_age.source = last_reads.source
            and loads_by_age.account_id = last_reads.account_id
            and loads_by_age.report = last_reads.report
            and loads_by_age.report_date = last_reads.report_date
    inner join calendar_days
        on calendar_days.date_day between loads_by_age.window_start and loads_by_age.window_end
    where loads_by_age.load_age = 1
    group by
        loads_by_age.source,
        loads_by_age.account_id,
        loads_by_age.report,
        loads_by_age.is_dated,
        loads_by_age.final_after_days,
        calendar_days.date_day
),

{# Without a hole, the n-th loaded day is n - 1 days after the first one. #}
numbered_days as (
    select
        *,
        {{ days_between('first_date', 'report_date') }} as days_since_first,
        row_number() over (
            partition by source, account_id, report order by report_date
        ) as day_number
    from days
)

select
    source,
    account_id,
    report,
    is_dated,
    {# In a replay the clock of the reading runs ahead of the day that stands for today: neither may be early. #}
    {{ days_between('report_date', 'cast(last_read_at as date)') }} >= final_after_days
    and {{ days_between('report_date', as_of_date()) }} >= final_after_days as is_final,
    report_date,
    max(case when days_since_first = day_number - 1 then report_date end) over (
        partition by source, account_id, report
    ) as data_complete_through,
    last_read_at
from numbered_days
