{# One row per snapshot day, account and budget. Rows of current loads only. #}
with

source as (
    select * from {{ source('github_billing', 'budgets') }}
),

current_reports as (
    select * from {{ ref('stg_github_billing__current_reports') }}
)

select
    report_load_key,
    account_id,
    scope,
    snapshot_date,
    budget_id,
    budget_type,
    product_skus,
    budget_scope,
    entity_name,
    login_key,
    budget_amount,
    consumed_amount,
    prevents_further_usage,
    will_alert,
    alert_recipients as alert_recipient_count,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
