{# One row per snapshot day, account and user. Rows of current loads only. #}
with

source as (
    select * from {{ source('anthropic', 'users') }}
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
    user_key,
    coalesce(email_key, older_email_key) as email_key,
    role,
    {{ utc_timestamp('added_at') }} as added_at,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
