{{ config(enabled=var('openai_enabled')) }}

{#
    One row per result of a usage endpoint that counts anything: by whom or what it was used, and its tokens in classes
    that do not overlap. OpenAI's input_tokens contain what was read from the cache and what was written to it; where it
    does not tell the rest by itself, both are taken off.

    A key comes before a user: the user is only who owns the key.
#}
with

usage_results as (
    select * from {{ ref('stg_openai__usage_results') }}
),

report_days as (
    select * from {{ ref('int_reports__days') }}
)

select
    usage_results.report_load_key,
    usage_results.record_ordinal,
    usage_results.account_id,
    coalesce(usage_results.api_key_id, usage_results.user_key, 'unattributed') as principal_key,
    usage_results.api_key_id,
    usage_results.user_key,
    usage_results.project_id,
    usage_results.endpoint as product,
    usage_results.model_name,
    case
        {# Audio has prices of its own, which the price book does not tell apart. #}
        when
            coalesce(usage_results.input_audio_tokens, 0) > 0
            or coalesce(usage_results.input_cached_audio_tokens, 0) > 0
            or coalesce(usage_results.output_audio_tokens, 0) > 0
            then 'audio'
        when usage_results.is_batch then 'batch'
        else nullif(lower(usage_results.service_tier), 'default')
    end as service_tier,
    usage_results.endpoint in ('completions', 'embeddings', 'moderations') as counts_tokens,
    coalesce(
        usage_results.input_uncached_tokens,
        usage_results.input_tokens
        - coalesce(usage_results.input_cached_tokens, 0)
        - coalesce(usage_results.input_cache_write_tokens, 0)
    ) as input_uncached_tokens,
    usage_results.input_cached_tokens as cache_read_tokens,
    usage_results.input_cache_write_tokens as cache_write_tokens,
    usage_results.output_tokens,
    usage_results.model_requests,
    report_days.is_final,
    usage_results.usage_date,
    report_days.data_complete_through
from usage_results
inner join report_days
    on
        report_days.source = 'openai'
        and usage_results.account_id = report_days.account_id
        and report_days.report = 'usage-' || usage_results.endpoint
        and usage_results.usage_date = report_days.report_date
{# A day without use may come as a row of zeros. #}
where
    usage_results.input_tokens > 0
    or usage_results.output_tokens > 0
    or usage_results.model_requests > 0
    or usage_results.tool_calls > 0
    or usage_results.sessions > 0
    or usage_results.images > 0
    or usage_results.characters > 0
    or usage_results.seconds > 0
    or usage_results.usage_bytes > 0
