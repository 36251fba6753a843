{# One row per item of one day's answer about AI credits or premium requests. Rows of current loads only. #}
with

source as (
    select * from {{ source('github_billing', 'model_items') }}
),

current_reports as (
    select * from {{ ref('stg_github_billing__current_reports') }}
)

select
    report_load_key,
    account_id,
    scope,
    record_ordinal,
    report,
    day as usage_date,
    {{ github_word('product') }} as product,
    {{ github_sku('sku') }} as sku,
    sku as sku_text,
    model as model_name,
    {{ github_unit('unit_type') }} as unit,
    unit_price,
    gross_quantity,
    gross_amount,
    discount_quantity,
    discount_amount,
    net_quantity,
    net_amount,
    organization,
    login_key,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
