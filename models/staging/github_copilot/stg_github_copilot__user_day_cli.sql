{#
    One row per user, day and surface outside the IDE of one downloaded report. Rows of current
    loads only.
#}
with

source as (
    select * from {{ source('github_copilot', 'user_day_cli') }}
),

current_reports as (
    select * from {{ ref('stg_github_copilot__current_reports') }}
)

select
    report_load_key,
    account_id,
    scope,
    day as usage_date,
    user_key,
    surface,
    session_count as sessions,
    request_count as requests,
    prompt_count as prompts,
    prompt_tokens_sum as prompt_tokens,
    output_tokens_sum as output_tokens,
    avg_tokens_per_request,
    version,
    {{ utc_timestamp('version_sampled_at') }} as version_sampled_at,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
