{# One row per snapshot day, account and API key. Rows of current loads only. #}
with

source as (
    select * from {{ source('anthropic', 'api_keys') }}
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
    api_key_id,
    name_key,
    name_hints,
    status,
    workspace_id,
    key_scope,
    acts_as_type,
    acts_as_user_key,
    acts_as_service_account_id,
    {{ utc_timestamp('created_at') }} as created_at,
    {{ utc_timestamp('expires_at') }} as expires_at,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
