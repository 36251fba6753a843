{#
    One row per provider, model, tier, token type, first day and prompt length: a list price of another
    tier. Rows of the newest reading only.
#}
with

source as (
    select * from {{ source('model_prices', 'model_price_variants') }}
),

current_reports as (
    select * from {{ ref('stg_model_prices__current_reports') }}
)

select
    report_load_key,
    snapshot_date,
    library_version,
    provider,
    model_id,
    tier,
    token_type,
    valid_from,
    valid_to,
    prompt_tokens_from,
    usd_per_million,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
