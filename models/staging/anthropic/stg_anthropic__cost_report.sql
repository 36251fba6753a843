{#
    One row per workspace and description of the older cost report of one UTC day; without
    Priority Tier. NULL becomes the default workspace where it was grouped by. Rows of current
    loads only.
#}
with

source as (
    select * from {{ source('anthropic', 'cost_report') }}
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
    case
        when workspace_id is null and {{ was_grouped_by('workspace_id') }} then 'default_workspace'
        else workspace_id
    end as workspace_id,
    description,
    cost_type,
    model as model_name,
    token_type,
    service_tier,
    context_window,
    inference_geo,
    case
        when coalesce(currency, 'USD') = 'USD' then {{ cents_to_usd('amount_cents') }}
    end as amount_usd,
    currency,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
