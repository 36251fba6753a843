{# One row per result of the costs of one UTC day: project, line item and key. Rows of current loads only. #}
with

source as (
    select * from {{ source('openai', 'costs') }}
),

current_reports as (
    select * from {{ ref('stg_openai__current_reports') }}
)

select
    report_load_key,
    account_id,
    scope,
    day as usage_date,
    record_ordinal,
    project_id,
    api_key_id,
    line_item,
    amount_value as amount,
    amount_currency as currency,
    quantity,
    quantity_unit,
    grouped_by,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
