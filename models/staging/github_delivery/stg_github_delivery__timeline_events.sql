{# One row per event of a pull request in one reading. Rows of current loads only. #}
with

source as (
    select * from {{ source('github_delivery', 'timeline_events') }}
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
    event_ordinal,
    event,
    {{ utc_timestamp('occurred_at') }} as occurred_at,
    actor_key,
    actor_kind,
    commit_sha,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
