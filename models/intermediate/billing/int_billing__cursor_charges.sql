{{ config(enabled=var('cursor_enabled')) }}

{#
    One row per UTC day, account, principal, billing kind and model: what Cursor charged, and how much of it is cash.
    int_usage__cursor_charges, which this adds up, is the use by hour.

    A charge above zero is not cash by itself: the kind decides. On-demand use and the token fee on own keys are billed as
    charged; use that the seats include is billed at zero, the allowance covers it; so is what is free or a promotion by
    the vendor's own word. A kind that the seed cursor_usage_kinds does not have is billed as charged until somebody says
    what it is: a cost too many shows against the invoice, one too few would not. fct_unmapped_values names it.
    Seat fees are in no report of Cursor's. A charge that is not told is NULL, and so is its cost where it would be cash.
#}
with

hours as (
    select
        *,
        coalesce(kind, '') as billing_kind,
        coalesce(model_name, '') as model,
        replace(replace(lower(trim(kind)), 'usage_event_kind_', ''), '_', ' ') as plain_kind
    from {{ ref('int_usage__cursor_charges') }}
),

report_days as (
    select * from {{ ref('int_usage__cursor_report_days') }}
),

principals as (
    select * from {{ ref('int_identity__principals_tagged') }}
    where vendor = 'cursor'
),

days as (
    select
        account_id,
        report,
        principal_key,
        product,
        billing_kind,
        model,
        case
            when plain_kind like 'free%' or plain_kind like '%promo%' then 'promotion'
            when product = 'included' then 'included_allowance'
        end as covered_by,
        {{ cents_to_usd('sum(charged_cents)') }} as charged_usd,
        sum(records) as records,
        usage_date
    from hours
    group by
        account_id,
        report,
        principal_key,
        product,
        billing_kind,
        model,
        plain_kind,
        usage_date
)

select
    {{ dbt.hash(
        "'cursor/' || days.account_id || '/' || cast(days.usage_date as " ~ dbt.type_string() ~ ")"
        ~ " || '/' || days.report || '/' || days.principal_key || '/' || days.product"
        ~ " || '/' || days.billing_kind || '/' || days.model"
    ) }} as charge_key,
    'cursor' as vendor,
    days.account_id,
    days.report as source_report,
    report_days.report_load_key,
    days.usage_date as charge_date,
    {{ add_days('days.usage_date', 1) }} as charge_end_date,
    'Usage' as charge_category,
    cast(null as {{ dbt.type_string() }}) as charge_class,
    'Usage-Based' as charge_frequency,
    {{ usage_series("'cursor'", 'principals.principal_kind', 'days.account_id', 'days.product') }}
        as series,
    days.product as sku,
    coalesce(nullif(days.model, ''), 'unknown') as sku_meter,
    nullif(days.billing_kind, '') as charge_description,
    nullif(days.model, '') as model_name,
    days.principal_key,
    cast(null as {{ dbt.type_string() }}) as vendor_cost_center,
    'usd' as credit_unit,
    {{ money('days.records') }} as quantity,
    'requests' as unit,
    {{ money('null') }} as list_unit_price,
    {{ money('null') }} as unit_price,
    'USD' as billing_currency,
    days.charged_usd as list_cost,
    days.covered_by as discount_reason,
    {{ money('case when days.covered_by is null then days.charged_usd else 0 end') }}
        as billed_cost,
    {{ money('case when days.covered_by is null then days.charged_usd else 0 end') }}
        as effective_cost,
    cast(null as {{ dbt.type_string() }}) as vendor_invoice_id,
    cast(null as {{ dbt.type_string() }}) as extra
from days
inner join report_days
    on
        days.account_id = report_days.account_id
        and days.usage_date = report_days.usage_date
left join principals
    on days.principal_key = principals.principal_key
