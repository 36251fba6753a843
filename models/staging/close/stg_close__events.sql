{# One row per closing or reopening of a billing month; append only. #}
with

source as (
    select * from {{ source('close', 'close_events') }}
)

select
    event_id,
    period,
    version,
    event,
    closed_on,
    {{ utc_timestamp('recorded_at') }} as recorded_at,
    reason,
    accepted_checks,
    by_role,
    figure_count,
    figures_sha256,
    project_version,
    _dlt_load_id as dlt_load_id
from source
