{#
    One row per account and billing period of a FOCUS export and time of reading; append only. Every row, current or
    not; rows that were left out of a file stand under the report rejected-rows.
#}
with

source as (
    select * from {{ source('focus', 'report_loads') }}
)

select
    report_load_key,
    source,
    account_id,
    scope,
    report,
    report_date,
    window_start,
    window_end,
    status,
    http_status,
    files as file_count,
    rows as record_count,
    bytes as byte_count,
    sha256,
    {{ money('credits_sum') }} as credits_sum,
    users as user_count,
    duplicate_rows as duplicate_count,
    unknown_fields,
    detail,
    {{ utc_timestamp('downloaded_at') }} as downloaded_at,
    {{ utc_timestamp('loaded_at') }} as loaded_at,
    _dlt_load_id as dlt_load_id
from source
