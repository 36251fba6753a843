{# One row per line of an invoice in the files of the folder, as written. Rows of the current reading only. #}
with

source as (
    select * from {{ source('finance', 'invoice_lines') }}
),

current_reports as (
    select * from {{ ref('stg_finance__current_reports') }}
)

select
    report_load_key,
    source_file,
    line_number,
    issuer,
    invoice_id,
    line_no,
    vendor,
    series,
    charge_category,
    description,
    sku,
    quantity,
    unit,
    unit_price,
    amount,
    service_start,
    service_end,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
