{# One row per snapshot day and project, archived ones included. Rows of current loads only. #}
with

source as (
    select * from {{ source('openai', 'projects') }}
),

current_reports as (
    select * from {{ ref('stg_openai__current_reports') }}
)

select
    report_load_key,
    account_id,
    scope,
    snapshot_date,
    record_ordinal,
    project_id,
    name as project_name,
    status,
    external_key_id,
    {{ utc_timestamp('created_at') }} as created_at,
    {{ utc_timestamp('archived_at') }} as archived_at,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
