{# One row per snapshot day, project and service account. Rows of current loads only. #}
with

source as (
    select * from {{ source('openai', 'project_service_accounts') }}
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
    service_account_id,
    name_hints,
    role,
    {{ utc_timestamp('created_at') }} as created_at,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
