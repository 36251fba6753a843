{#
    One row per group of the analytics usage report of one UTC day; groups without an actor
    are not unique. Grouped, a NULL says that there is none: no key, no product. Rows of
    current loads only.
#}
with

source as (
    select * from {{ source('anthropic', 'analytics_usage') }}
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
    actor_service_account_id,
    actor_federated_key,
    actor_api_key_id,
    api_key_id,
    workspace_id,
    case product when 'claude-in-slack' then 'claude_tag' else product end as product,
    model as model_name,
    service_tier,
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
