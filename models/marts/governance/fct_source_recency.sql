{#
    One row per source, account and report: how far it is loaded, what is missing, and whether it is late.
    It reads the manifest alone, so it also tells of reports that never held a row.
#}
with

loads as (
    select * from {{ ref('int_reports__loads_unioned') }}
),

calendar_days as (
    select * from {{ ref('int_calendar__days') }}
),

reports as (
    select
        source,
        account_id,
        report,
        tells_of,
        is_dated,
        days_until_due,
        final_after_days,
        {# What the vendor had before its first report is no gap: a back-fill may have asked for years before it. #}
        coalesce(
            min(case when status = 'loaded' then window_start end), min(window_start)
        ) as first_day,
        max(case when status = 'loaded' then window_end end) as last_loaded_day,
        max(case when status in ('loaded', 'unchanged') then window_end end) as last_read_day,
        max(case when status <> 'backfill_requested' then downloaded_at end) as last_checked_at,
        max(case when status = 'loaded' and has_unknown_fields then 1 else 0 end) = 1
            as has_unknown_fields,
        {# A list that the vendor has never given and, when last asked, did not have. #}
        not is_dated
        and max(case when status in ('loaded', 'unchanged') then 1 else 0 end) = 0
        and coalesce(
            max(case when status = 'not_available' then downloaded_at end)
            = max(case when status <> 'backfill_requested' then downloaded_at end),
            false
        ) as is_not_given,
        max(max(case when status = 'loaded' then window_end end)) over (
            partition by source, account_id, tells_of
        ) as last_day_told
    from loads
    group by source, account_id, report, tells_of, is_dated, days_until_due, final_after_days
),

{# The answer that stands for a day: the last that was loaded, else the last that was not. #}
answers as (
    select
        loads.source,
        loads.account_id,
        loads.report,
        loads.status,
        coalesce(loads.user_count, loads.record_count, 0) as subjects,
        calendar_days.date_day,
        cast(loads.downloaded_at as date) as answered_on,
        row_number() over (
            partition by loads.source, loads.account_id, loads.report, calendar_days.date_day
            order by case when loads.status = 'loaded' then 0 else 1 end, loads.loaded_at desc
        ) as choice
    from loads
    inner join calendar_days
        on calendar_days.date_day between loads.window_start and loads.window_end
    where loads.is_dated and loads.status in ('loaded', 'not_available', 'rejected')
),

report_days as (
    select
        reports.source,
        reports.account_id,
        reports.report,
        calendar_days.date_day,
        reports.last_loaded_day,
        coalesce(answers.status, 'never_asked') as status,
        answers.subjects,
        lag(answers.subjects) over (
            partition by reports.source, reports.account_id, reports.report
            order by calendar_days.date_day
        ) as subjects_day_before,
        lag(answers.subjects, 7) over (
            partition by reports.source, reports.account_id, reports.report
            order by calendar_days.date_day
        ) as subjects_week_before,
        {{ days_between('calendar_days.date_day', as_of_date()) }}
        >= reports.days_until_due as is_due,
        {{ days_between('calendar_days.date_day', 'answers.answered_on') }}
        >= reports.days_until_due as is_answered_in_time,
        max(case when answers.status = 'loaded' then calendar_days.date_day end) over (
            partition by reports.source, reports.account_id, reports.report
            order by calendar_days.date_day
        ) as loaded_until,
        max(case when answers.status = 'loaded' then calendar_days.date_day end) over (
            partition by reports.source, reports.account_id, reports.tells_of
            order by calendar_days.date_day
        ) as told_until
    from reports
    inner join calendar_days
        on reports.first_day <= calendar_days.date_day
    left join answers
        on
            reports.source = answers.source
            and reports.account_id = answers.account_id
            and reports.report = answers.report
            and calendar_days.date_day = answers.date_day
            and answers.choice = 1
    where reports.is_dated
),

{#
    Where another report that tells of the same has spoken since this one last did, the days are the other's, and this
    one is not asked for them. Only after its own last day is such a day the end of what it holds.
#}
expected_days as (
    select
        source,
        account_id,
        report,
        date_day,
        status,
        subjects,
        subjects_day_before,
        subjects_week_before,
        is_answered_in_time,
        is_due
        and (told_until is null or coalesce(loaded_until = told_until, false)) as is_due,
        status <> 'loaded'
        and (
            told_until is null
            or coalesce(loaded_until = told_until, false)
            or coalesce(date_day > last_loaded_day, true)
        ) as is_hole
    from report_days
),

day_counts as (
    select
        source,
        account_id,
        report,
        min(case when is_hole then date_day end) as first_hole,
        count(case when is_due and status <> 'loaded' then 1 end) as days_missing,
        count(case when is_due and status = 'not_available' then 1 end) as days_not_available,
        count(case when is_due and status = 'rejected' then 1 end) as days_rejected,
        count(
            case
                when
                    (status = 'not_available' or (status = 'loaded' and subjects = 0))
                    and subjects_day_before > 0
                    {# Whoever rests on Saturdays rested on the last one too. #}
                    and coalesce(subjects_week_before, 1) > 0
                    and is_due
                    and is_answered_in_time
                    then 1
            end
        ) as empty_after_active_days
    from expected_days
    group by source, account_id, report
)

select
    reports.source,
    reports.account_id,
    reports.report,
    day_counts.days_missing,
    day_counts.days_not_available,
    day_counts.days_rejected,
    day_counts.empty_after_active_days,
    {{ days_between('reports.last_read_day', as_of_date()) }} as staleness_days,
    not reports.is_not_given
    and coalesce(reports.last_day_told <= coalesce(reports.last_read_day, reports.first_day), true)
    and coalesce(
        {{ days_between('reports.last_read_day', as_of_date()) }},
        {{ days_between('reports.first_day', as_of_date()) }}
    ) > reports.days_until_due + 2 as is_stale,
    reports.has_unknown_fields,
    reports.days_until_due,
    reports.final_after_days,
    reports.first_day,
    reports.last_loaded_day,
    case
        when day_counts.first_hole > reports.first_day
            then {{ add_days('day_counts.first_hole', -1) }}
    end as complete_through,
    reports.last_checked_at
from reports
left join day_counts
    on
        reports.source = day_counts.source
        and reports.account_id = day_counts.account_id
        and reports.report = day_counts.report
