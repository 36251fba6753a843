{# One row per pull request, issue that it names and kind of evidence, in one reading. Rows of current loads only. #}
with

source as (
    select * from {{ source('github_delivery', 'pull_request_issues') }}
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
    issue_number,
    evidence,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
