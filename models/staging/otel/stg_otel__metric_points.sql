{#
    One row per point of an agent's metric, as delivered; current readings only.
#}
with

source as (
    select * from {{ source('otel', 'metric_points') }}
),

current_reports as (
    select * from {{ ref('stg_otel__current_reports') }}
)

select
    report_load_key,
    record_ordinal,
    metric_name,
    unit,
    point_type,
    temporality,
    is_monotonic,
    {{ utc_timestamp('started_at') }} as started_at,
    {{ utc_timestamp('observed_at') }} as observed_at,
    value,
    count,
    service_name,
    session_id,
    request_model,
    token_type,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
