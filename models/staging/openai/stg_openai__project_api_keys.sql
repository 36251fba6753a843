{# One row per snapshot day and key of a project. Rows of current loads only. #}
with

source as (
    select * from {{ source('openai', 'project_api_keys') }}
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
    api_key_id,
    name_key,
    name_hints,
    owner_type,
    owner_user_key,
    owner_service_account_id,
    owner_role,
    owner_project_access,
    {{ utc_timestamp('created_at') }} as created_at,
    {{ utc_timestamp('last_used_at') }} as last_used_at,
    {{ utc_timestamp('expires_at') }} as expires_at,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
