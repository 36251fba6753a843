{#
    One row per usage row of the export that speaks for its kind of report and UTC day. Rows of current loads only,
    and of two ways to one day (files, the API) only the one that speaks. Kinds of report tell of the same use:
    never add them.
#}
with

source as (
    select * from {{ source('github_billing', 'export_rows') }}
),

current_reports as (
    select * from {{ ref('stg_github_billing__current_reports') }}
)

select
    report_load_key,
    account_id,
    scope,
    report,
    day as usage_date,
    row_ordinal,
    file_name,
    report_load_key in (
        select current_reports.report_load_key
        from current_reports
        where current_reports.report like '%-csv'
    ) as is_dropped_file,
    login_key,
    {{ github_word('product') }} as product,
    {{ github_sku('sku') }} as sku,
    sku as sku_text,
    model as model_name,
    quantity,
    {{ github_unit('unit_type') }} as unit,
    unit_price,
    gross_amount,
    discount_amount,
    net_amount,
    total_monthly_quota,
    exceeds_quota,
    organization,
    repository,
    workflow_path,
    cost_center_name,
    aic_quantity,
    aic_gross_amount,
    input_tokens,
    output_tokens,
    cache_read_tokens,
    cache_write_tokens,
    extra,
    _dlt_load_id as dlt_load_id
from source
where
    report_load_key in (
        select current_reports.report_load_key
        from current_reports
        where current_reports.is_speaking
    )
