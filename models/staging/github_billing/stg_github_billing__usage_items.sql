{#
    One row per item of the usage endpoint: a day of an organization, a month of an enterprise and cost center. Rows
    of current loads only.
#}
with

source as (
    select * from {{ source('github_billing', 'usage_items') }}
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
    usage_month,
    item_date,
    {{ github_word('product') }} as product,
    {{ github_sku('sku') }} as sku,
    sku as sku_text,
    quantity,
    {{ github_unit('unit_type') }} as unit,
    unit_price,
    gross_amount,
    discount_amount,
    net_amount,
    organization,
    repository,
    cost_center_id,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
