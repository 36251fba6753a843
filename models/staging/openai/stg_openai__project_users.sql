{# One row per snapshot day, project and user. Rows of current loads only. #}
with

source as (
    select * from {{ source('openai', 'project_users') }}
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
    user_key,
    email_key,
    role,
    {{ utc_timestamp('added_at') }} as added_at,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
