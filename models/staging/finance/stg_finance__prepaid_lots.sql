{# One row per lot of prepaid credits in the files of the folder, as written. Rows of the current reading only. #}
with

source as (
    select * from {{ source('finance', 'prepaid_lots') }}
),

current_reports as (
    select * from {{ ref('stg_finance__current_reports') }}
)

select
    report_load_key,
    source_file,
    line_number,
    lot_id,
    issuer,
    billing_account_id,
    kind,
    amount,
    currency,
    purchased_on,
    expires_on,
    invoice_id,
    note,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
