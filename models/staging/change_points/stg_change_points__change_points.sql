{#
    One row per workflow, series and first day of a new level. Rows of the newest run only.
#}
with

source as (
    select * from {{ source('change_points', 'change_points') }}
),

current_reports as (
    select * from {{ ref('stg_change_points__current_reports') }}
)

select
    report_load_key,
    workflow_id,
    series,
    changed_on,
    unit,
    mean_before,
    mean_after,
    days_before,
    days_after,
    p_value,
    method,
    library,
    library_version,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
