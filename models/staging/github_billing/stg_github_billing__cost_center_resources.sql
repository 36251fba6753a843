{# One row per snapshot day, cost center and resource. Rows of current loads only. #}
with

source as (
    select * from {{ source('github_billing', 'cost_center_resources') }}
),

current_reports as (
    select * from {{ ref('stg_github_billing__current_reports') }}
)

select
    report_load_key,
    account_id,
    scope,
    snapshot_date,
    cost_center_id,
    resource_ordinal,
    resource_type,
    resource_name,
    login_key,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
