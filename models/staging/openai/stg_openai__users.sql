{# One row per snapshot day and user of the organisation. Rows of current loads only. #}
with

source as (
    select * from {{ source('openai', 'users') }}
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
    user_key,
    email_key,
    role,
    is_service_account,
    is_scim_managed,
    {{ utc_timestamp('added_at') }} as added_at,
    {{ utc_timestamp('api_key_last_used_at') }} as api_key_last_used_at,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
