{#
    One row per line, or record of a line, that could not be read; current readings only.
#}
with

source as (
    select * from {{ source('otel', 'rejected_lines') }}
),

current_reports as (
    select * from {{ ref('stg_otel__current_reports') }}
)

select
    report_load_key,
    source_file,
    line_number,
    reason,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
