{# One row per deployment and reading; the newest reading counts. Rows of current loads only. #}
with

source as (
    select * from {{ source('github_delivery', 'deployments') }}
),

current_reports as (
    select * from {{ ref('stg_github_delivery__current_reports') }}
)

select
    report_load_key,
    account_id,
    scope,
    repository,
    deployment_id,
    sha,
    ref,
    environment,
    is_production,
    {{ utc_timestamp('created_at') }} as created_at,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
