{# One row per repository and reading in which it had changed, or a week had passed. Rows of current loads only. #}
with

source as (
    select * from {{ source('github_delivery', 'repositories') }}
),

current_reports as (
    select * from {{ ref('stg_github_delivery__current_reports') }}
)

select
    report_load_key,
    account_id,
    scope,
    repository,
    repository_id,
    default_branch,
    is_private,
    is_archived,
    {{ utc_timestamp('pushed_at') }} as pushed_at,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
