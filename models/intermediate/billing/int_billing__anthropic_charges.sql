{{ config(enabled=var('anthropic_enabled')) }}

{#
    One row per row of the one cost report that speaks for an account and UTC day: the unified analytics costs, else the
    older report by user, else the older cost report. What the others say of that day is not counted.

    The amount is after discount and before credits. The list amount is told by the first two alone. Priority Tier is in
    none of them, neither are seat fees, credits and taxes: they are on the invoice only. The older report by user holds
    what a seat can be named for, so it may be less than the bill.
#}
with

days as (
    select * from {{ ref('int_usage__anthropic_days') }}
),

analytics_costs as (
    select * from {{ ref('stg_anthropic__analytics_costs') }}
),

user_costs as (
    select * from {{ ref('stg_anthropic__user_costs') }}
),

cost_report as (
    select * from {{ ref('stg_anthropic__cost_report') }}
),

ledger_rows as (
    select * from {{ ref('int_usage__anthropic_rows') }}
    where report = 'analytics-cost'
),

users as (
    select * from {{ ref('int_identity__anthropic_users') }}
),

principals as (
    select * from {{ ref('int_identity__principals_tagged') }}
    where vendor = 'anthropic'
),

{# An e-mail that only one user has ever had stands for him, as in the ledger. #}
users_by_email as (
    select account_id, email_key, min(user_key) as user_key
    from users
    where email_key is not null and user_key is not null
    group by account_id, email_key
    having count(distinct user_key) = 1
),

reported as (
    select
        'analytics-cost' as report,
        analytics_costs.report_load_key,
        analytics_costs.record_ordinal,
        analytics_costs.account_id,
        ledger_rows.principal_key,
        coalesce(analytics_costs.product, 'other') as product,
        analytics_costs.model_name,
        analytics_costs.cost_type,
        analytics_costs.token_type,
        coalesce(analytics_costs.product, 'other') as charge_description,
        analytics_costs.requests,
        analytics_costs.currency,
        analytics_costs.list_amount_usd,
        analytics_costs.amount_usd,
        analytics_costs.extra,
        analytics_costs.usage_date
    from analytics_costs
    left join ledger_rows
        on
            analytics_costs.report_load_key = ledger_rows.report_load_key
            and analytics_costs.record_ordinal = ledger_rows.record_ordinal

    union all

    select
        'user-cost' as report,
        user_costs.report_load_key,
        user_costs.record_ordinal,
        user_costs.account_id,
        coalesce(
            user_costs.user_key, users_by_email.user_key, user_costs.email_key, 'unattributed'
        ) as principal_key,
        coalesce(user_costs.product, 'other') as product,
        user_costs.model_name,
        user_costs.cost_type,
        user_costs.token_type,
        coalesce(user_costs.product, 'other') as charge_description,
        user_costs.requests,
        user_costs.currency,
        user_costs.list_amount_usd,
        user_costs.amount_usd,
        user_costs.extra,
        user_costs.usage_date
    from user_costs
    left join users_by_email
        on
            user_costs.account_id = users_by_email.account_id
            and user_costs.email_key = users_by_email.email_key

    union all

    {# By workspace and description alone: whose it is, is not told. #}
    select
        'cost-report' as report,
        report_load_key,
        record_ordinal,
        account_id,
        null as principal_key,
        null as product,
        model_name,
        cost_type,
        token_type,
        description as charge_description,
        null as requests,
        currency,
        {{ money('null') }} as list_amount_usd,
        amount_usd,
        extra,
        usage_date
    from cost_report
),

numbered as (
    select
        *,
        row_number() over (
            partition by account_id, report, usage_date
            order by record_ordinal asc nulls last, {{ binary_order('report_load_key') }}
        ) as day_ordinal
    from reported
)

select
    {{ dbt.hash(
        "'anthropic/' || numbered.report || '/' || numbered.account_id || '/' || cast(numbered.usage_date as " ~ dbt.type_string() ~ ")"
        ~ " || '/' || cast(numbered.day_ordinal as " ~ dbt.type_string() ~ ")"
    ) }} as charge_key,
    'anthropic' as vendor,
    numbered.account_id,
    numbered.report as source_report,
    numbered.report_load_key,
    numbered.usage_date as charge_date,
    {{ add_days('numbered.usage_date', 1) }} as charge_end_date,
    'Usage' as charge_category,
    cast(null as {{ dbt.type_string() }}) as charge_class,
    'Usage-Based' as charge_frequency,
    {{
        usage_series("'anthropic'", 'principals.principal_kind', 'numbered.account_id',
            'numbered.product')
    }}
        as series,
    coalesce(numbered.model_name, numbered.cost_type, 'other') as sku,
    coalesce(numbered.token_type, numbered.cost_type) as sku_meter,
    numbered.charge_description,
    numbered.model_name,
    numbered.principal_key,
    cast(null as {{ dbt.type_string() }}) as vendor_cost_center,
    'usd' as credit_unit,
    {{ money('numbered.requests') }} as quantity,
    case when numbered.requests is not null then 'requests' end as unit,
    {{ money('null') }} as list_unit_price,
    {{ money('null') }} as unit_price,
    upper(coalesce(numbered.currency, 'USD')) as billing_currency,
    numbered.list_amount_usd as list_cost,
    case when numbered.list_amount_usd <> numbered.amount_usd then 'discount' end
        as discount_reason,
    numbered.amount_usd as billed_cost,
    numbered.amount_usd as effective_cost,
    cast(null as {{ dbt.type_string() }}) as vendor_invoice_id,
    numbered.extra
from numbered
inner join days
    on
        numbered.account_id = days.account_id
        and numbered.usage_date = days.usage_date
        and numbered.report = days.billed_report
left join principals
    on numbered.principal_key = principals.principal_key
