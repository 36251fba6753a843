{#
    One row per workflow and series that was looked at for change points, with the reason where it could not be.
#}
with

series_checked as (
    select * from {{ ref('int_tasks__series_checked') }}
)

select
    workflow_id,
    series,
    first_day,
    last_day,
    days,
    change_points,
    status,
    reason
from series_checked
