{#
    One row per group, cost type and token type of the analytics cost report of one UTC day;
    groups without an actor are not unique. Rows of current loads only.
#}
with

source as (
    select * from {{ source('anthropic', 'analytics_costs') }}
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
    {{ utc_timestamp('data_refreshed_at') }} as data_refreshed_at,
    actor_type,
    user_key,
    coalesce(email_key, older_email_key) as email_key,
    is_user_deleted,
    actor_service_account_id,
    actor_federated_key,
    actor_api_key_id,
    api_key_id,
    workspace_id,
    case product when 'claude-in-slack' then 'claude_tag' else product end as product,
    model as model_name,
    cost_type,
    token_type,
    case
        when coalesce(currency, 'USD') = 'USD' then {{ cents_to_usd('amount_cents') }}
    end as amount_usd,
    case
        when coalesce(currency, 'USD') = 'USD' then {{ cents_to_usd('list_amount_cents') }}
    end as list_amount_usd,
    currency,
    requests,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
