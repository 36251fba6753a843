{# One row per seat plan and first day of validity in the files of the folder, as written. Rows of the current reading only. #}
with

source as (
    select * from {{ source('finance', 'seat_plans') }}
),

current_reports as (
    select * from {{ ref('stg_finance__current_reports') }}
)

select
    report_load_key,
    source_file,
    line_number,
    contract_id,
    issuer,
    billing_account_id,
    vendor,
    plan,
    seat_price,
    currency,
    included_credits_per_seat,
    credit_unit,
    proration,
    seats,
    valid_from,
    valid_to,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
