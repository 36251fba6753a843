{#
    One row per line of a spend report exported by hand: user, product and model over the
    report's period. Rows of current loads only.
#}
with

source as (
    select * from {{ source('anthropic', 'spend_report_rows') }}
),

current_reports as (
    select * from {{ ref('stg_anthropic__current_reports') }}
)

select
    report_load_key,
    account_id,
    scope,
    record_ordinal,
    period_start,
    period_end,
    file_name,
    user_key,
    email_key,
    product,
    model as model_name,
    requests,
    prompt_tokens,
    uncached_input_tokens,
    cache_read_input_tokens,
    cache_write_5m_input_tokens,
    cache_write_1h_input_tokens,
    output_tokens,
    web_search_requests,
    net_spend_usd,
    gross_spend_usd,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
