{#
    One row per snapshot day, account and spend limit in force for a member. Rows of current
    loads only.
#}
with

source as (
    select * from {{ source('anthropic', 'spend_limits') }}
),

current_reports as (
    select * from {{ ref('stg_anthropic__current_reports') }}
)

select
    report_load_key,
    account_id,
    scope,
    snapshot_date,
    record_ordinal,
    actor_type,
    user_key,
    coalesce(email_key, older_email_key) as email_key,
    is_user_deleted,
    case
        when coalesce(currency, 'USD') = 'USD' then {{ cents_to_usd('limit_cents') }}
    end as limit_usd,
    case
        when coalesce(currency, 'USD') = 'USD' then {{ cents_to_usd('period_to_date_cents') }}
    end as period_to_date_usd,
    currency,
    period,
    source_type,
    seat_tier,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
