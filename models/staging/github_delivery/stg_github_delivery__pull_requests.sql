{#
    One row per pull request and reading in which it had changed; the newest reading counts. Rows of current loads
    only.
#}
with

source as (
    select * from {{ source('github_delivery', 'pull_requests') }}
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
    pull_request_id,
    author_key,
    author_kind,
    author_bot_login,
    state,
    is_draft,
    {{ utc_timestamp('created_at') }} as created_at,
    {{ utc_timestamp('updated_at') }} as updated_at,
    {{ utc_timestamp('closed_at') }} as closed_at,
    {{ utc_timestamp('merged_at') }} as merged_at,
    merged_by_key,
    merged_by_kind,
    merge_commit_sha,
    head_ref,
    head_sha,
    base_ref,
    additions,
    deletions,
    changed_files,
    commits,
    labels,
    body_signals,
    session_urls,
    reverts_number,
    reverts_sha,
    is_revert,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
