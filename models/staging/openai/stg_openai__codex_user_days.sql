{# One row per user of a Codex workspace and UTC day. Rows of current loads only. #}
with

source as (
    select * from {{ source('openai', 'codex_user_days') }}
),

current_reports as (
    select * from {{ ref('stg_openai__current_reports') }}
)

select
    report_load_key,
    account_id,
    scope,
    day as usage_date,
    record_ordinal,
    coalesce(actor_user_key, user_key) as user_key,
    actor_email_key as email_key,
    actor_type,
    threads,
    turns,
    credits,
    uncached_text_input_tokens as input_uncached_tokens,
    cached_text_input_tokens as cache_read_tokens,
    text_output_tokens as output_tokens,
    text_total_tokens as total_tokens,
    lines_added,
    lines_removed,
    lines_committed,
    lines_committed_percentage,
    commits_with_codex,
    commits_with_codex_percentage,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
