{# One row per user of a Codex workspace, UTC day, model and speed. Rows of current loads only. #}
with

source as (
    select * from {{ source('openai', 'codex_user_day_models') }}
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
    model as model_name,
    speed,
    credits,
    uncached_text_input_tokens as input_uncached_tokens,
    cached_text_input_tokens as cache_read_tokens,
    text_output_tokens as output_tokens,
    text_total_tokens as total_tokens,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
