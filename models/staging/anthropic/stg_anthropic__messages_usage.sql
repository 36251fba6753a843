{#
    One row per group of the older usage report of the Messages API of one UTC day. NULL
    becomes a member of its own where it was grouped by: the default workspace, use in the
    Console without a key. Rows of current loads only.
#}
with

source as (
    select * from {{ source('anthropic', 'messages_usage') }}
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
    user_key,
    case
        when
            api_key_id is null
            and user_key is null
            and service_account_id is null
            and {{ was_grouped_by('api_key_id') }}
            and {{ was_grouped_by('account_id') }}
            then 'console_no_key'
        else api_key_id
    end as api_key_id,
    service_account_id,
    case
        when workspace_id is null and {{ was_grouped_by('workspace_id') }} then 'default_workspace'
        else workspace_id
    end as workspace_id,
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
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
