{#
    One row per provider, model and rule by which a vendor's model name is recognised. Rows of the newest
    reading only.
#}
with

source as (
    select * from {{ source('model_prices', 'model_matches') }}
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
    rule,
    pattern,
    ordinal,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
