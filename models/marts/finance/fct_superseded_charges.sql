{#
    One row per export file, kind of report and UTC day that was set aside because another file speaks for the day: a file
    that came twice, files whose days overlap. The amounts are what it would have added had it been counted; they are in
    no other mart. People name files after people, so a file is its digest here; copies of one file are numbered.
#}
with

superseded_charges as (
    select * from {{ ref('int_billing__superseded_charges') }}
)

select
    vendor,
    account_id,
    source_report,
    charge_date,
    report_load_key,
    file_sha256,
    row_number() over (
        partition by vendor, account_id, source_report, charge_date, report_load_key, file_sha256
        order by {{ binary_order('file_name') }}
    ) as copy_number,
    row_count,
    gross_usd,
    discount_usd,
    net_usd,
    superseded_reason,
    kept_sha256
from superseded_charges
