{#
    One row per seat user and group of the older Enterprise usage report of one UTC day. Rows
    of current loads only.
#}
with

source as (
    select * from {{ source('anthropic', 'user_usage') }}
),

current_reports as (
    select * from {{ ref('stg_anthropic__current_reports') }}
)

select
    report_load_key,
    account_id,
    scope,
    day as usage_date,
    record_ordinal,
    grouped_by,
    {{ utc_timestamp('data_refreshed_at') }} as data_refreshed_at,
    actor_type,
    user_key,
    coalesce(email_key, older_email_key) as email_key,
    is_user_deleted,
    case product when 'claude-in-slack' then 'claude_tag' else product end as product,
    model as model_name,
    context_window,
    inference_geo,
    speed,
    uncached_input_tokens,
    cache_read_input_tokens,
    cache_write_5m_input_tokens,
    cache_write_1h_input_tokens,
    output_tokens,
    web_search_requests,
    total_tokens,
    requests,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
