{# One row per snapshot day, account and service account. Rows of current loads only. #}
with

source as (
    select * from {{ source('anthropic', 'service_accounts') }}
),

current_reports as (
    select * from {{ ref('stg_anthropic__current_reports') }}
)

select
    report_load_key,
    account_id,
    scope,
    snapshot_date,
    record_ordinal,
    service_account_id,
    name_key,
    name_hints,
    organization_role,
    {{ utc_timestamp('created_at') }} as created_at,
    {{ utc_timestamp('archived_at') }} as archived_at,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
