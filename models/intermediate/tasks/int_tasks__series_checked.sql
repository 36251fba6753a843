{#
    One row per workflow and series that the newest run looked at, with the reason where it could not.
#}
with

series_checked as (
    select * from {{ ref('stg_change_points__series_checked') }}
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
