{{ config(enabled=var('github_billing_enabled')) }}

{#
    One row per row of the one billing report of GitHub's that speaks for an account, UTC day and class of SKU. Products
    that are no spend on coding agents (seed billing_products) are left out: int_billing__github_left_out has them.

    Gross is the list cost, net is billed; the discount on credits and requests is what the pool of included ones
    covered. A user is counted as in the ledger where his login is known there, else by his login's pseudonym. Credits
    that the coding agent used for somebody are his.
#}
with

items as (
    select * from {{ ref('int_billing__github_items') }}
),

sources as (
    select * from {{ ref('int_billing__github_sources') }}
    where is_speaking
),

cost_centers as (
    select * from {{ ref('stg_github_billing__cost_centers') }}
),

principals as (
    select * from {{ ref('int_identity__principals_tagged') }}
    where vendor = 'github_copilot'
),

{% if var('github_copilot_enabled') %}
account_identifiers as (
    select * from {{ ref('int_identity__github_account_identifiers') }}
    where match_step = 1
),

{# A login that two accounts have had, one after the other, names neither. #}
users_by_login as (
    select identifier_key as login_key, min(user_key) as user_key
    from account_identifiers
    group by identifier_key
    having count(distinct user_key) = 1
),
{% else %}
users_by_login as (
    select
        cast(null as {{ dbt.type_string() }}) as login_key,
        cast(null as {{ dbt.type_string() }}) as user_key
    where 1 = 0
),
{% endif %}

cost_centers_by_age as (
    select
        account_id,
        cost_center_id,
        cost_center_name,
        row_number() over (
            partition by account_id, cost_center_id order by snapshot_date desc
        ) as snapshot_age
    from cost_centers
),

speaking_items as (
    select
        items.*,
        coalesce(
            users_by_login.user_key,
            items.login_key,
            case when items.tells_user then 'unattributed' end
        ) as principal_key,
        items.gross_usd < 0 and items.login_key is null as is_credit
    from items
    inner join sources
        on
            items.account_id = sources.account_id
            and items.usage_date = sources.usage_date
            and items.sku_class = sources.sku_class
            and items.source_report = sources.source_report
            and items.is_month = sources.is_month
    left join users_by_login
        on items.login_key = users_by_login.login_key
    where items.is_ai
),

placed_items as (
    select
        speaking_items.*,
        coalesce(
            principals.principal_kind,
            case when speaking_items.login_key is null then 'unattributed' else 'human_seat' end
        ) as principal_kind,
        row_number() over (
            partition by
                speaking_items.account_id,
                speaking_items.source_report,
                speaking_items.usage_date
            order by
                speaking_items.item_ordinal asc nulls last,
                {{ binary_order('speaking_items.report_load_key') }}
        ) as day_ordinal,
        {# Work that no user asked for is a machine's; a report without users does not say so. #}
        case
            when
                speaking_items.tells_user
                and (
                    speaking_items.sku like 'coding_agent%'
                    or speaking_items.model_name in ('Coding Agent model', 'Code Review model')
                )
                then 'agent'
            else speaking_items.product
        end as surface,
        case
            when speaking_items.is_credit then 'Credit'
            when speaking_items.product_series = 'human_seat_fee' then 'Purchase'
            else 'Usage'
        end as charge_category
    from speaking_items
    left join principals
        on speaking_items.principal_key = principals.principal_key
)

select
    {{ dbt.hash(
        "'github_copilot/' || placed_items.source_report || '/' || placed_items.account_id || '/' || cast(placed_items.usage_date as " ~ dbt.type_string() ~ ")"
        ~ " || '/' || cast(placed_items.day_ordinal as " ~ dbt.type_string() ~ ")"
    ) }} as charge_key,
    'github_copilot' as vendor,
    placed_items.account_id,
    placed_items.source_report,
    placed_items.report_load_key,
    placed_items.usage_date as charge_date,
    case
        when placed_items.is_month
            then cast({{ dbt.dateadd('month', 1, 'placed_items.usage_date') }} as date)
        else {{ add_days('placed_items.usage_date', 1) }}
    end as charge_end_date,
    placed_items.charge_category,
    cast(null as {{ dbt.type_string() }}) as charge_class,
    case placed_items.charge_category
        when 'Credit' then 'One-Time'
        when 'Purchase' then 'Recurring'
        else 'Usage-Based'
    end as charge_frequency,
    case
        when placed_items.is_credit then 'credit'
        when placed_items.product_series is not null then placed_items.product_series
        else
            {{
                usage_series("'github_copilot'", 'placed_items.principal_kind',
                    'placed_items.account_id', 'placed_items.surface')
            }}
    end as series,
    placed_items.sku,
    coalesce(placed_items.model_name, placed_items.unit) as sku_meter,
    placed_items.sku_text as charge_description,
    placed_items.model_name,
    placed_items.principal_key,
    coalesce(
        placed_items.cost_center_name,
        cost_centers_by_age.cost_center_name,
        placed_items.cost_center_id
    ) as vendor_cost_center,
    case when placed_items.sku_class <> 'other' then placed_items.sku_class end as credit_unit,
    placed_items.quantity,
    placed_items.unit,
    placed_items.unit_price as list_unit_price,
    placed_items.unit_price,
    'USD' as billing_currency,
    placed_items.gross_usd as list_cost,
    case
        when coalesce(placed_items.gross_usd = placed_items.net_usd, true) then null
        when placed_items.sku_class = 'other' then 'discount'
        else 'included_allowance'
    end as discount_reason,
    placed_items.net_usd as billed_cost,
    placed_items.net_usd as effective_cost,
    cast(null as {{ dbt.type_string() }}) as vendor_invoice_id,
    placed_items.extra
from placed_items
left join cost_centers_by_age
    on
        placed_items.account_id = cost_centers_by_age.account_id
        and placed_items.cost_center_id = cost_centers_by_age.cost_center_id
        and cost_centers_by_age.snapshot_age = 1
