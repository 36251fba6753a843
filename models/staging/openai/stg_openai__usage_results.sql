{#
    One row per result of one usage endpoint for one UTC day; what the endpoint does not count is NULL. Rows of current
    loads only.
#}
with

source as (
    select * from {{ source('openai', 'usage_results') }}
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
    endpoint,
    project_id,
    api_key_id,
    user_key,
    model as model_name,
    batch as is_batch,
    service_tier,
    size as image_size,
    source as image_source,
    vector_store_id,
    context_level,
    input_tokens,
    input_cached_tokens,
    input_cache_write_tokens,
    input_uncached_tokens,
    output_tokens,
    input_text_tokens,
    input_audio_tokens,
    input_image_tokens,
    input_cached_text_tokens,
    input_cached_audio_tokens,
    input_cached_image_tokens,
    output_text_tokens,
    output_audio_tokens,
    output_image_tokens,
    num_model_requests as model_requests,
    num_requests as tool_calls,
    num_sessions as sessions,
    images,
    characters,
    seconds,
    usage_bytes,
    grouped_by,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
