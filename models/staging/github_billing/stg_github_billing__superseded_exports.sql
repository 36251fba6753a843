{#
    One row per file, kind of export and UTC day that was set aside: another file, or the other of two ways (files dropped
    by hand, the API), speaks for the day. What was set aside is in no other model; here are its rows and amounts.
#}
with

source as (
    select * from {{ source('github_billing', 'superseded_exports') }}
),

export_rows as (
    select * from {{ source('github_billing', 'export_rows') }}
),

current_reports as (
    select * from {{ ref('stg_github_billing__current_reports') }}
),

set_aside_files as (
    select *
    from source
    where report_load_key in (select current_reports.report_load_key from current_reports)
),

{# The reading of a day's files: the rows that were kept. #}
kept_files_of_days as (
    select * from current_reports
    where report like '%-csv'
),

file_names as (
    select
        report_load_key,
        min(file_name) as file_name,
        count(*) as row_count,
        {{ money('sum(gross_amount)') }} as gross_amount,
        {{ money('sum(discount_amount)') }} as discount_amount,
        {{ money('sum(net_amount)') }} as net_amount
    from export_rows
    group by report_load_key
),

set_aside_readings as (
    select
        aside.report_load_key,
        aside.account_id,
        aside.scope,
        aside.report_date,
        aside.tells_of,
        aside.sha256,
        case when aside.sha256 = speaking.sha256 then 'same_content' else 'overlap' end as reason,
        speaking.report_load_key as kept_load_key,
        speaking.sha256 as kept_sha256
    from current_reports as aside
    inner join current_reports as speaking
        on
            aside.account_id = speaking.account_id
            and aside.tells_of = speaking.tells_of
            and aside.report_date = speaking.report_date
            and speaking.is_speaking
    where not aside.is_speaking
)

select
    set_aside_files.report_load_key,
    set_aside_files.account_id,
    set_aside_files.scope,
    set_aside_files.day as usage_date,
    set_aside_files.report,
    set_aside_files.file_name,
    set_aside_files.sha256,
    set_aside_files.rows as row_count,
    set_aside_files.gross_amount,
    set_aside_files.discount_amount,
    set_aside_files.net_amount,
    set_aside_files.reason,
    set_aside_files.kept_file_name,
    kept_files_of_days.sha256 as kept_sha256,
    set_aside_files._dlt_load_id as dlt_load_id
from set_aside_files
left join kept_files_of_days
    on
        set_aside_files.account_id = kept_files_of_days.account_id
        and set_aside_files.report = kept_files_of_days.tells_of
        and set_aside_files.day = kept_files_of_days.report_date

union all

select
    set_aside_readings.report_load_key,
    set_aside_readings.account_id,
    set_aside_readings.scope,
    set_aside_readings.report_date as usage_date,
    set_aside_readings.tells_of as report,
    aside_files.file_name,
    set_aside_readings.sha256,
    aside_files.row_count,
    aside_files.gross_amount,
    aside_files.discount_amount,
    aside_files.net_amount,
    set_aside_readings.reason,
    kept_files.file_name as kept_file_name,
    set_aside_readings.kept_sha256,
    cast(null as {{ dbt.type_string() }}) as dlt_load_id
from set_aside_readings
inner join file_names as aside_files
    on set_aside_readings.report_load_key = aside_files.report_load_key
inner join file_names as kept_files
    on set_aside_readings.kept_load_key = kept_files.report_load_key
