{# One row per pull request and commit in one reading; at most 250 of a pull request. Rows of current loads only. #}
with

source as (
    select * from {{ source('github_delivery', 'pull_request_commits') }}
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
    sha,
    ordinal,
    {{ utc_timestamp('committed_at') }} as committed_at,
    author_key,
    author_kind,
    author_bot_login,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
