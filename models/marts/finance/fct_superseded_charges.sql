{#
    One row per export file, kind of report and UTC day that was set aside because another file speaks for the day: a file
    that came twice, files whose days overlap. The amounts are what it would have added had it been counted; they are in
    no other mart.
#}
select
    vendor,
    account_id,
    source_report,
    charge_date,
    report_load_key,
    file_name,
    file_sha256,
    row_count,
    gross_usd,
    discount_usd,
    net_usd,
    superseded_reason,
    kept_file_name
from {{ ref('int_billing__superseded_charges') }}
