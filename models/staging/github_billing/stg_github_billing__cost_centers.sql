{# One row per snapshot day, enterprise and cost center. Rows of current loads only. #}
with

source as (
    select * from {{ source('github_billing', 'cost_centers') }}
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
    name as cost_center_name,
    state as cost_center_state,
    azure_subscription,
    ai_credit_pool_enabled as is_pool_capped,
    pool_target_credits,
    pool_current_credits,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
