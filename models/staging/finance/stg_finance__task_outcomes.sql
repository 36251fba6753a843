{# One row per decision on a task in the files of the folder, as written. Rows of the current reading only. #}
with

source as (
    select * from {{ source('finance', 'task_outcomes') }}
),

current_reports as (
    select * from {{ ref('stg_finance__current_reports') }}
)

select
    report_load_key,
    source_file,
    line_number,
    workflow_id,
    task_id,
    outcome,
    decided_on,
    evidence,
    decided_by,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
