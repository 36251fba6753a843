{# One row per row of claude_code_days and model. Rows of current loads only. #}
with

source as (
    select * from {{ source('anthropic', 'claude_code_models') }}
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
    model as model_name,
    input_tokens,
    output_tokens,
    cache_read_tokens,
    cache_creation_tokens,
    case
        when coalesce(currency, 'USD') = 'USD' then {{ cents_to_usd('estimated_cents') }}
    end as estimated_usd,
    currency,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
