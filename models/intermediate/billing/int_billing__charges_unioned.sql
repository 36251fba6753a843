{{ config(materialized='table') }}

{#
    One row per charge as the vendor's own billing data tells it. Vendors meet here. The first arm has no rows; it names
    and types the columns, so that this compiles with every vendor switched off.

    Costs stand in the currency of the vendor's data. The dollars beside them are converted at your booked rate of the
    day (fx_rates), and NULL where you have booked none: an amount in another currency is never taken for dollars.
#}
{% set sources = enabled_vendors()
    + (['github'] if var('github_billing_enabled') else [])
    + (['focus'] if var('focus_enabled') else [])
%}
with

charges as (
    select
        cast(null as {{ dbt.type_string() }}) as charge_key,
        cast(null as {{ dbt.type_string() }}) as vendor,
        cast(null as {{ dbt.type_string() }}) as account_id,
        cast(null as {{ dbt.type_string() }}) as source_report,
        cast(null as {{ dbt.type_string() }}) as report_load_key,
        cast(null as date) as charge_date,
        cast(null as date) as charge_end_date,
        cast(null as {{ dbt.type_string() }}) as charge_category,
        cast(null as {{ dbt.type_string() }}) as charge_class,
        cast(null as {{ dbt.type_string() }}) as charge_frequency,
        cast(null as {{ dbt.type_string() }}) as series,
        cast(null as {{ dbt.type_string() }}) as sku,
        cast(null as {{ dbt.type_string() }}) as sku_meter,
        cast(null as {{ dbt.type_string() }}) as charge_description,
        cast(null as {{ dbt.type_string() }}) as model_name,
        cast(null as {{ dbt.type_string() }}) as principal_key,
        cast(null as {{ dbt.type_string() }}) as vendor_cost_center,
        cast(null as {{ dbt.type_string() }}) as credit_unit,
        {{ money('null') }} as quantity,
        cast(null as {{ dbt.type_string() }}) as unit,
        {{ money('null') }} as list_unit_price,
        {{ money('null') }} as unit_price,
        cast(null as {{ dbt.type_string() }}) as billing_currency,
        {{ money('null') }} as list_cost,
        cast(null as {{ dbt.type_string() }}) as discount_reason,
        {{ money('null') }} as billed_cost,
        {{ money('null') }} as effective_cost,
        cast(null as {{ dbt.type_string() }}) as vendor_invoice_id,
        cast(null as date) as billing_month,
        cast(null as {{ dbt.type_string() }}) as extra
    where 1 = 0

    {% for vendor in sources %}
    union all

    select
        charge_key,
        vendor,
        account_id,
        source_report,
        report_load_key,
        charge_date,
        charge_end_date,
        charge_category,
        charge_class,
        charge_frequency,
        series,
        sku,
        sku_meter,
        charge_description,
        model_name,
        principal_key,
        vendor_cost_center,
        credit_unit,
        quantity,
        unit,
        list_unit_price,
        unit_price,
        billing_currency,
        list_cost,
        discount_reason,
        billed_cost,
        effective_cost,
        vendor_invoice_id,
        {{ 'billing_month' if vendor == 'focus' else 'null as billing_month' }},
        extra
    from {{ ref('int_billing__' ~ vendor ~ '_charges') }}
    {% endfor %}
),

fx_rates as (
    select * from {{ ref('int_finance__fx_rates') }}
),

{# A rate holds until the day before the next one. #}
rates as (
    select
        currency,
        rate,
        valid_from,
        lead(valid_from) over (partition by currency order by valid_from) as next_from
    from fx_rates
)

select
    charges.charge_key,
    charges.vendor,
    charges.account_id,
    charges.source_report,
    charges.report_load_key,
    charges.charge_date,
    charges.charge_end_date,
    charges.charge_category,
    charges.charge_class,
    charges.charge_frequency,
    charges.series,
    charges.sku,
    charges.sku_meter,
    charges.charge_description,
    charges.model_name,
    charges.principal_key,
    charges.vendor_cost_center,
    charges.credit_unit,
    {{ money('charges.quantity') }} as quantity,
    charges.unit,
    {{ money('charges.list_unit_price') }} as list_unit_price,
    {{ money('charges.unit_price') }} as unit_price,
    charges.billing_currency,
    {{ money('charges.list_cost') }} as list_cost,
    charges.discount_reason,
    {{ money('charges.billed_cost') }} as billed_cost,
    {{ money('charges.effective_cost') }} as effective_cost,
    case
        when charges.billing_currency = 'USD' then {{ money('charges.list_cost') }}
        else {{ proportion('charges.list_cost', 1, 'rates.rate') }}
    end as list_usd,
    case
        when charges.billing_currency = 'USD' then {{ money('charges.billed_cost') }}
        else {{ proportion('charges.billed_cost', 1, 'rates.rate') }}
    end as billed_usd,
    charges.vendor_invoice_id,
    charges.billing_month,
    charges.extra
from charges
left join rates
    on
        charges.billing_currency = rates.currency
        and charges.charge_date >= rates.valid_from
        and (rates.next_from is null or charges.charge_date < rates.next_from)
