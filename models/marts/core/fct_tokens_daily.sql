{#
    One row per usage date, vendor, account, product, principal, model and token class: tokens used, and their value at
    the dated list price. Classes are disjoint. A value that is known in part only is NULL.
#}
with

tokens as (
    select * from {{ ref('int_usage__tokens_priced') }}
),

principals as (
    select * from {{ ref('int_identity__principals_tagged') }}
),

principal_days as (
    select * from {{ ref('int_identity__principal_days') }}
),

token_days as (
    select
        usage_date,
        vendor,
        account_id,
        product,
        principal_key,
        coalesce(model_key, nullif(model_name, ''), 'unknown') as model,
        token_type,
        max(model_key) as model_key,
        cast(sum(tokens) as bigint) as tokens,
        case
            when count(list_value_usd) = count(*) then {{ money('sum(list_value_usd)') }}
        end as list_value_usd,
        case
            when count(distinct price_id) = 1 and count(price_id) = count(*) then min(price_id)
        end as price_id,
        min(case when is_final then 1 else 0 end) = 1 as is_final,
        min(data_complete_through) as data_complete_through
    from tokens
    group by
        usage_date,
        vendor,
        account_id,
        product,
        principal_key,
        coalesce(model_key, nullif(model_name, ''), 'unknown'),
        token_type
)

select
    token_days.usage_date,
    token_days.vendor,
    token_days.account_id,
    token_days.product,
    token_days.principal_key,
    token_days.model,
    token_days.token_type,
    token_days.model_key,
    token_days.price_id,
    principals.principal_kind,
    principal_days.person_key,
    principal_days.team_key,
    principal_days.cost_center_key,
    principal_days.unattributed_reason,
    token_days.tokens,
    token_days.list_value_usd,
    token_days.is_final,
    token_days.data_complete_through
from token_days
left join principals
    on
        token_days.vendor = principals.vendor
        and token_days.principal_key = principals.principal_key
left join principal_days
    on
        token_days.vendor = principal_days.vendor
        and token_days.principal_key = principal_days.principal_key
        and token_days.usage_date = principal_days.usage_date
