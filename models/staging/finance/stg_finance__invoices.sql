{# One row per invoice or credit note in the files of the folder, as written. Rows of the current reading only. #}
with

source as (
    select * from {{ source('finance', 'invoices') }}
),

current_reports as (
    select * from {{ ref('stg_finance__current_reports') }}
)

select
    report_load_key,
    source_file,
    line_number,
    issuer,
    billing_account_id,
    invoice_id,
    invoice_type,
    reference_invoice_id,
    status,
    issue_date,
    due_date,
    period_start,
    period_end,
    currency,
    net,
    tax,
    fx_rate,
    purchase_order,
    payment_terms,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
