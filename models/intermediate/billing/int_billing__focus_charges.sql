{{ config(enabled=var('focus_enabled')) }}

{#
    One row per charge of a FOCUS export.

    The vendor is the slug of who offers the service. Series, by the first rule that fits: Tax is tax, Credit is credit,
    Adjustment is other; what names seats or licences is a seat fee, whether bought or metered; other purchases
    (commitments, prepaid tokens) are other, and so is "usage" that is charged once, which is a fee; usage is a
    human's where the export says that a user acted, else a machine's.

    A charge that is billed nothing but costs something is covered by a commitment or prepayment; one billed below list
    price is discounted. Amounts stay in the billing currency; billed_usd and list_usd are NULL in any other than USD.
#}
with

exported as (
    select
        *,
        {{ slug(
            "coalesce(service_provider_name, provider_name, publisher_name, invoice_issuer_name, 'unknown')"
        ) }} as vendor,
        cast(charge_period_start as date) as charge_date,
        cast(charge_period_end as date) as last_date,
        {{ words(
            "coalesce(charge_description, '') || ' ' || coalesce(service_name, '')"
            ~ " || ' ' || coalesce(sku_meter, '') || ' ' || coalesce(pricing_unit, '')"
        ) }} as charge_words
    from {{ ref('stg_focus__cost_and_usage') }}
),

dated as (
    select
        *,
        {# A day that has begun is in; midnight ends the day before. #}
        case
            when charge_period_end > cast(last_date as {{ dbt.type_timestamp() }})
                then {{ add_days('last_date', 1) }}
            else last_date
        end as end_date,
        charge_words like '%,seat,%'
        or charge_words like '%,seats,%'
        or charge_words like '%,license,%'
        or charge_words like '%,licenses,%'
        or charge_words like '%,licence,%'
        or charge_words like '%,licences,%' as names_seats
    from exported
)

select
    {{ dbt.hash(
        "'focus/' || account_id || '/' || cast(cast(billing_period_start as date) as "
        ~ dbt.type_string() ~ ") || '/' || cast(record_ordinal as " ~ dbt.type_string() ~ ")"
    ) }} as charge_key,
    vendor,
    account_id,
    'focus-cost-and-usage' as source_report,
    report_load_key,
    charge_date,
    case when end_date > charge_date then end_date else {{ add_days('charge_date', 1) }} end
        as charge_end_date,
    charge_category,
    charge_class,
    charge_frequency,
    case
        when charge_category = 'Tax' then 'tax'
        when charge_category = 'Credit' then 'credit'
        when charge_category = 'Adjustment' then 'other'
        when names_seats then 'human_seat_fee'
        when charge_category = 'Purchase' or charge_frequency = 'One-Time' then 'other'
        when principal_type = 'User' then 'human_usage'
        else 'machine_usage'
    end as series,
    sku_id as sku,
    sku_meter,
    charge_description,
    sku_model_id as model_name,
    principal_key,
    tag_cost_center as vendor_cost_center,
    {# A price in anything but a national currency is a price in credits or tokens. #}
    case when length(pricing_currency) <> 3 then replace(lower(pricing_currency), ' ', '_') end
        as credit_unit,
    {{ money('coalesce(pricing_quantity, consumed_quantity)') }} as quantity,
    case when pricing_quantity is null then consumed_unit else pricing_unit end as unit,
    {{ money('list_unit_price') }} as list_unit_price,
    {{ money('contracted_unit_price') }} as unit_price,
    billing_currency,
    {{ money('list_cost') }} as list_cost,
    case
        when billed_cost = 0 and effective_cost > 0 then 'commitment'
        when list_cost > billed_cost then 'discount'
    end as discount_reason,
    {{ money('billed_cost') }} as billed_cost,
    {{ money('effective_cost') }} as effective_cost,
    {{ money("case when billing_currency = 'USD' then list_cost end") }} as list_usd,
    {{ money("case when billing_currency = 'USD' then billed_cost end") }} as billed_usd,
    invoice_id as vendor_invoice_id,
    extra,
    {# The month of the period's last day; the end that is told is the day after. #}
    cast({{ dbt.date_trunc('month', add_days(
        'cast(coalesce(billing_period_end, billing_period_start) as date)',
        'case when billing_period_end is null then 0 else -1 end'
    )) }} as date) as billing_month,
    cast(billing_period_start as date) as billing_period_start,
    cast(billing_period_end as date) as billing_period_end
from dated
