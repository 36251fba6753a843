{{ config(enabled=var('anthropic_enabled')) }}

{#
    One row per spend report of the Team plan that counts: exports that somebody drops by hand overlap. A report does not
    count where a shorter one, or a later one that begins on the same day, tells of one of its days.
#}
with

current_reports as (
    select
        report_load_key,
        account_id,
        window_start,
        window_end,
        {{ days_between('window_start', 'window_end') }} as days
    from {{ ref('stg_anthropic__current_reports') }}
    where report = 'spend-report-csv'
)

select
    report_load_key,
    account_id,
    window_start,
    window_end
from current_reports
where not exists (
    select 1
    from current_reports as other
    where
        current_reports.account_id = other.account_id
        and current_reports.report_load_key <> other.report_load_key
        and current_reports.window_start <= other.window_end
        and current_reports.window_end >= other.window_start
        and case
            when current_reports.window_start = other.window_start
                then current_reports.window_end < other.window_end
            when current_reports.days = other.days
                then current_reports.window_end < other.window_end
            else current_reports.days > other.days
        end
)
