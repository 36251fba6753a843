{# One row per snapshot day, organisation and member. Rows of current loads only. #}
with

source as (
    select * from {{ source('github_copilot', 'members') }}
),

current_reports as (
    select * from {{ ref('stg_github_copilot__current_reports') }}
)

select
    report_load_key,
    account_id,
    scope,
    snapshot_date,
    user_key,
    login_key,
    email_key,
    account_type,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
