{# One row per commit and agent's session in its git-ai note. Rows of current loads only. #}
with

source as (
    select * from {{ source('github_delivery', 'commit_notes') }}
),

current_reports as (
    select * from {{ ref('stg_github_delivery__current_reports') }}
)

select
    report_load_key,
    account_id,
    scope,
    repository,
    sha,
    tool,
    session_id,
    model,
    blob_sha,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
