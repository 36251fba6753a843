{# One row per Entire checkpoint and session in it. Rows of current loads only. #}
with

source as (
    select * from {{ source('github_delivery', 'checkpoints') }}
),

current_reports as (
    select * from {{ ref('stg_github_delivery__current_reports') }}
)

select
    report_load_key,
    account_id,
    scope,
    repository,
    checkpoint_id,
    session_index,
    session_id,
    {{ utc_timestamp('created_at') }} as created_at,
    branch,
    blob_sha,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
