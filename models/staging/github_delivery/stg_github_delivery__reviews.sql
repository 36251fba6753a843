{# One row per review of a pull request in one reading. Rows of current loads only. #}
with

source as (
    select * from {{ source('github_delivery', 'reviews') }}
),

current_reports as (
    select * from {{ ref('stg_github_delivery__current_reports') }}
)

select
    report_load_key,
    account_id,
    scope,
    repository,
    number,
    review_id,
    reviewer_key,
    reviewer_kind,
    reviewer_bot_login,
    state,
    {{ utc_timestamp('submitted_at') }} as submitted_at,
    commit_sha,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
