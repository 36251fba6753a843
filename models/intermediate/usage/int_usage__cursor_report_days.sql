{{ config(materialized='table', enabled=var('cursor_enabled')) }}

{#
    One row per account and UTC day of which usage events are loaded: the one report that speaks for the day.

    The API is authoritative: its answer speaks for a day wherever it holds an event. The dashboard's CSV export stands
    in for days of which the API gave nothing, and for accounts without it. The two are never mixed within a day.
#}
with

current_reports as (
    select * from {{ ref('stg_cursor__current_reports') }}
),

chosen_reports as (
    select
        *,
        row_number() over (
            partition by account_id, report_date
            order by
                case
                    when report = 'usage-events' and record_count > 0 then 1
                    when report = 'usage-events-csv' then 2
                    else 3
                end
        ) as choice
    from current_reports
    where report in ('usage-events', 'usage-events-csv')
)

select
    account_id,
    report,
    report_load_key,
    report_date as usage_date,
    loaded_at as report_loaded_at
from chosen_reports
where choice = 1
