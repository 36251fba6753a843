{#
    One row per usage event of the API's answer for a UTC day. Events have no id: alike ones in one millisecond are
    all there. Cents stay cents: they become dollars once, after they are summed. Rows of
    current loads only.
#}
with

source as (
    select * from {{ source('cursor', 'usage_events') }}
),

current_reports as (
    select * from {{ ref('stg_cursor__current_reports') }}
)

select
    report_load_key,
    account_id,
    scope,
    day as usage_date,
    record_ordinal,
    {{ utc_timestamp('event_at') }} as event_at,
    email_key,
    service_account_id,
    service_account_name_hints,
    cloud_agent_id,
    automation_id,
    conversation_id,
    model as model_name,
    kind,
    max_mode as is_max_mode,
    is_token_based_call,
    is_chargeable,
    is_headless,
    is_free_bugbot,
    request_units,
    input_tokens,
    output_tokens,
    cache_write_tokens,
    cache_read_tokens,
    model_cents,
    discount_percent_off,
    charged_cents,
    cursor_token_fee_cents,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
