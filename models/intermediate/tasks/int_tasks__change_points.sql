{#
    One row per workflow, series and day on which its level changed, of the newest run that looked for such days.
#}
with

change_points as (
    select * from {{ ref('stg_change_points__change_points') }}
)

select
    workflow_id,
    series,
    changed_on,
    unit,
    mean_before,
    mean_after,
    {{ proportion('mean_after', '1', 'mean_before') }} as change_ratio,
    days_before,
    days_after,
    p_value,
    method,
    library,
    library_version
from change_points
