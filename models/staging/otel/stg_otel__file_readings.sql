{#
    One row per reading of a part of a file; current readings only.
#}
with

source as (
    select * from {{ source('otel', 'file_readings') }}
),

current_reports as (
    select * from {{ ref('stg_otel__current_reports') }}
)

select
    report_load_key,
    source_file,
    content_key,
    bytes_from,
    bytes_to,
    format,
    signals,
    lines,
    bad_lines,
    spans,
    events,
    metric_points,
    ignored_events,
    ignored_points,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
