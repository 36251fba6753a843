{#
    One row per row of the dashboard's CSV export and UTC day. The two input columns of the export are disjoint. Rows of
    current loads only.
#}
with

source as (
    select * from {{ source('cursor', 'exported_events') }}
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
    cloud_agent_id,
    automation_id,
    model as model_name,
    kind,
    max_mode as is_max_mode,
    cache_write_tokens,
    input_tokens,
    cache_read_tokens,
    output_tokens,
    total_tokens,
    cost_usd,
    cost_word,
    cost_to_you_usd,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
