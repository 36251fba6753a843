{#
    One row per workflow, series and day on which its level changed: a signal to look at, no verdict. The days come from
    `agent-spend change-points`, which looks again whenever it is run.
#}
with

change_points as (
    select * from {{ ref('int_tasks__change_points') }}
)

select
    workflow_id,
    series,
    changed_on,
    unit,
    mean_before,
    mean_after,
    change_ratio,
    days_before,
    days_after,
    p_value,
    method,
    library,
    library_version
from change_points
