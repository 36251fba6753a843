{# One row per user of a Codex workspace, UTC day and client. Rows of current loads only. #}
with

source as (
    select * from {{ source('openai', 'codex_user_day_clients') }}
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
    client_id,
    threads,
    turns,
    credits,
    uncached_text_input_tokens as input_uncached_tokens,
    cached_text_input_tokens as cache_read_tokens,
    text_output_tokens as output_tokens,
    text_total_tokens as total_tokens,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
