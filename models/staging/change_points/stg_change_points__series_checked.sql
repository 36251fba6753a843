{#
    One row per workflow and series that was looked at. Rows of the newest run only.
#}
with

source as (
    select * from {{ source('change_points', 'series_checked') }}
),

current_reports as (
    select * from {{ ref('stg_change_points__current_reports') }}
)

select
    report_load_key,
    workflow_id,
    series,
    first_day,
    last_day,
    days,
    change_points,
    status,
    reason,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
