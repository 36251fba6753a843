{{ config(enabled=var('openai_enabled')) }}

{#
    One row per result of OpenAI's costs: what it says it charges for a line item, project and key of one UTC day.

    A line item is free text, `model, what was metered` where it has a model. The list price is not told. The costs know
    no user, so use without a key is nobody's here. What is taken off without a key's use behind it is a credit.
#}
with

costs as (
    select * from {{ ref('stg_openai__costs') }}
),

principals as (
    select * from {{ ref('int_identity__principals_tagged') }}
    where vendor = 'openai'
),

line_items as (
    select
        *,
        coalesce(line_item, 'other') as sku,
        case
            when line_item like '%, %' then {{ dbt.split_part('line_item', "', '", 1) }}
        end as metered_name,
        row_number() over (
            partition by account_id, usage_date
            order by record_ordinal asc nulls last, {{ binary_order('report_load_key') }}
        ) as day_ordinal,
        api_key_id is null and (amount < 0 or lower(line_item) like 'promotional credit%')
            as is_credit
    from costs
)

select
    {{ dbt.hash(
        "'openai/costs/' || line_items.account_id || '/' || cast(line_items.usage_date as " ~ dbt.type_string() ~ ")"
        ~ " || '/' || cast(line_items.day_ordinal as " ~ dbt.type_string() ~ ")"
    ) }} as charge_key,
    'openai' as vendor,
    line_items.account_id,
    'costs' as source_report,
    line_items.report_load_key,
    line_items.usage_date as charge_date,
    {{ add_days('line_items.usage_date', 1) }} as charge_end_date,
    case when line_items.is_credit then 'Credit' else 'Usage' end as charge_category,
    cast(null as {{ dbt.type_string() }}) as charge_class,
    case when line_items.is_credit then 'One-Time' else 'Usage-Based' end as charge_frequency,
    case
        when line_items.is_credit then 'credit'
        else
            {{
                usage_series("'openai'", 'principals.principal_kind', 'line_items.account_id',
                    'line_items.sku')
            }}
    end as series,
    line_items.sku,
    case
        when line_items.metered_name is null then line_items.sku
        else substring(line_items.sku, length(line_items.metered_name) + 3)
    end as sku_meter,
    line_items.line_item as charge_description,
    {# Batches are a meter of the same model. #}
    case
        when line_items.metered_name like '% batch'
            then substring(line_items.metered_name, 1, length(line_items.metered_name) - 6)
        else line_items.metered_name
    end as model_name,
    line_items.api_key_id as principal_key,
    cast(null as {{ dbt.type_string() }}) as vendor_cost_center,
    'usd' as credit_unit,
    line_items.quantity,
    line_items.quantity_unit as unit,
    {{ money('null') }} as list_unit_price,
    {{ money('null') }} as unit_price,
    upper(coalesce(line_items.currency, 'usd')) as billing_currency,
    {{ money('null') }} as list_cost,
    case
        when line_items.is_credit and lower(line_items.line_item) like '%promo%' then 'promotion'
    end as discount_reason,
    line_items.amount as billed_cost,
    line_items.amount as effective_cost,
    cast(null as {{ dbt.type_string() }}) as vendor_invoice_id,
    line_items.extra
from line_items
left join principals
    on line_items.api_key_id = principals.principal_key
