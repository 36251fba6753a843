{#
    One row per snapshot day and member: what the running billing cycle has come to. It is no bill and in no mart of
    credits; it is what the sum of the cycle's events should come to. Rows of
    current loads only.
#}
with

source as (
    select * from {{ source('cursor', 'spend') }}
),

current_reports as (
    select * from {{ ref('stg_cursor__current_reports') }}
)

select
    report_load_key,
    account_id,
    scope,
    snapshot_date,
    record_ordinal,
    {{ utc_timestamp('cycle_start_at') }} as cycle_start_at,
    user_key,
    email_key,
    role,
    spend_cents as on_demand_cents,
    overall_spend_cents as overall_cents,
    included_spend_cents as included_cents,
    fast_premium_requests,
    hard_limit_override_dollars as hard_limit_override_usd,
    monthly_limit_dollars as monthly_limit_usd,
    effective_per_user_limit_dollars as effective_limit_usd,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
