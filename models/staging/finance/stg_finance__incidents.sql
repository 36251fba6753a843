{# One row per incident in the files of the folder, as written. Rows of the current reading only. #}
with

source as (
    select * from {{ source('finance', 'incidents') }}
),

current_reports as (
    select * from {{ ref('stg_finance__current_reports') }}
)

select
    report_load_key,
    source_file,
    line_number,
    repository,
    opened_at,
    resolved_at,
    deployment_id,
    severity,
    note,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
