{{ config(materialized='table') }}

{#
    One row per charge that goes into a FOCUS export: what the vendors' own billing data say, and of the invoices the
    lines of which no vendor's data tell (a vendor and series that has no exported charge on that invoice: seats by
    contract, tax, credit notes, fees). cost_basis says which of the two. Voided invoices are not exported, nor is what
    has no amount or no currency; nothing here is estimated.

    An invoice has one currency. What a vendor's data tell in another is converted at the invoice's own rate, else at the
    booked one, and exported_cost keeps what they say. Without a rate the invoice's lines speak, not the vendor's data.

    Prices. FOCUS wants cost = unit price x quantity. Where the vendor's quantity and prices give its costs to the last
    decimal, they stand; else the charge is priced as one unit at its cost (minus one where the cost is negative: prices
    are not), and the quantity used stands in consumed_quantity alone. What an allowance, a promotion or a commitment
    covered was agreed at list price; a discount is agreed.

    A credit note of which the invoice is of a closed month corrects that month: its lines are of the class Correction.
    Words are the vendor's and, of invoice lines, yours: what came in a FOCUS file may name a person and stays out, so
    does a line with an e-mail address.
#}
{% set names = {
    'github_copilot': 'GitHub', 'anthropic': 'Anthropic', 'cursor': 'Cursor', 'openai': 'OpenAI',
} %}
{% set known = "('" ~ names.keys() | join("', '") ~ "')" %}
with

billed_charges as (
    select * from {{ ref('int_billing__billed_charges') }}
    where billed_cost is not null and billing_currency is not null
),

invoices as (
    select * from {{ ref('int_billing__invoices') }}
    where invoice_status <> 'voided'
),

closed_months as (
    select * from {{ ref('int_close__periods') }}
    where is_closed
),

closed_invoices as (
    select
        invoices.issuer,
        invoices.invoice_id
    from {{ ref('int_billing__invoices') }} as invoices
    inner join closed_months on invoices.billing_month = closed_months.period
),

invoice_lines as (
    select
        invoice_lines.*,
        invoices.billing_account_id,
        invoices.billing_month,
        invoices.currency,
        coalesce(invoices.is_credit_note and closed_invoices.invoice_id is not null, false)
            as is_correction,
        invoices.period_start,
        invoices.period_end,
        row_number() over (
            partition by
                invoice_lines.issuer,
                invoice_lines.invoice_id,
                invoice_lines.vendor,
                invoice_lines.series
            {# Lines of the invoice's own period come before what it bills of earlier ones. #}
            order by
                case when invoice_lines.service_end < invoices.period_start then 1 else 0 end,
                invoice_lines.line_no
        ) as line_of_series
    from {{ ref('int_finance__invoice_lines') }} as invoice_lines
    inner join invoices
        on
            invoice_lines.issuer = invoices.issuer
            and invoice_lines.invoice_id = invoices.invoice_id
    left join closed_invoices
        on
            invoices.issuer = closed_invoices.issuer
            and invoices.reference_invoice_id = closed_invoices.invoice_id
),

accounts as (
    select
        issuer,
        billing_account_id,
        min(cycle_day) as cycle_day,
        max(case when payment_model = 'prepaid' then 1 else 0 end) = 1 as is_prepaid
    from {{ ref('int_billing__accounts') }}
    group by issuer, billing_account_id
),

{# What one of a charge's currency is worth in that of its invoice: one and the same, dollars at the rate, or unknown. #}
rated_charges as (
    select
        billed_charges.*,
        coalesce(invoices.currency, billed_charges.billing_currency) as currency,
        case
            when invoices.currency is null or invoices.currency = billed_charges.billing_currency
                then {{ money('1') }}
            when billed_charges.billing_currency = 'USD'
                then coalesce(invoices.fx_rate, invoices.booked_fx_rate)
        end as rate
    from billed_charges
    left join invoices
        on
            billed_charges.issuer = invoices.issuer
            and billed_charges.invoice_id = invoices.invoice_id
),

converted_charges as (
    select
        charge_key,
        currency,
        {{ money('list_unit_price * rate') }} as list_unit_price,
        {{ money('unit_price * rate') }} as unit_price,
        {{ money('list_cost * rate') }} as list_cost,
        {{ money('billed_cost * rate') }} as billed_cost,
        {{ money('effective_cost * rate') }} as effective_cost
    from rated_charges
    where rate is not null
),

exported_series as (
    select distinct
        billed_charges.issuer,
        billed_charges.invoice_id,
        billed_charges.vendor,
        billed_charges.series
    from billed_charges
    inner join converted_charges on billed_charges.charge_key = converted_charges.charge_key
    where billed_charges.invoice_id is not null
),

exported as (
    select
        'vendor_export' as cost_basis,
        billed_charges.charge_key,
        billed_charges.issuer,
        billed_charges.billing_account_id,
        billed_charges.billing_month,
        billed_charges.account_id,
        billed_charges.vendor,
        billed_charges.series,
        billed_charges.invoice_id,
        cast(invoice_lines.line_no as {{ dbt.type_string() }}) as invoice_detail_id,
        billed_charges.charge_date as charge_start,
        billed_charges.charge_end_date as charge_end,
        billed_charges.charge_category,
        billed_charges.charge_class,
        billed_charges.charge_frequency,
        case
            when billed_charges.source_report = 'focus-cost-and-usage' then null
            else billed_charges.charge_description
        end as charge_description,
        billed_charges.sku,
        billed_charges.sku_meter,
        billed_charges.model_name,
        billed_charges.vendor_cost_center,
        billed_charges.credit_unit,
        billed_charges.quantity,
        billed_charges.unit,
        converted_charges.list_unit_price,
        converted_charges.unit_price,
        converted_charges.currency as billing_currency,
        billed_charges.discount_reason,
        converted_charges.billed_cost,
        coalesce(converted_charges.list_cost, converted_charges.billed_cost) as list_cost,
        coalesce(converted_charges.effective_cost, converted_charges.billed_cost)
            as effective_cost,
        case
            when billed_charges.discount_reason in ('included_allowance', 'promotion', 'commitment')
                then coalesce(converted_charges.list_cost, converted_charges.billed_cost)
            else converted_charges.billed_cost
        end as contracted_cost,
        billed_charges.billed_cost as exported_cost,
        billed_charges.billing_currency as exported_currency
    from billed_charges
    inner join converted_charges on billed_charges.charge_key = converted_charges.charge_key
    left join invoice_lines
        on
            billed_charges.issuer = invoice_lines.issuer
            and billed_charges.invoice_id = invoice_lines.invoice_id
            and billed_charges.vendor = invoice_lines.vendor
            and billed_charges.series = invoice_lines.series
            and invoice_lines.line_of_series = 1
),

invoiced as (
    select
        'invoice' as cost_basis,
        'invoice/'
        || invoice_lines.issuer
        || '/'
        || invoice_lines.invoice_id
        || '/'
        || cast(invoice_lines.line_no as {{ dbt.type_string() }}) as charge_key,
        invoice_lines.issuer,
        invoice_lines.billing_account_id,
        invoice_lines.billing_month,
        cast(null as {{ dbt.type_string() }}) as account_id,
        invoice_lines.vendor,
        invoice_lines.series,
        invoice_lines.invoice_id,
        cast(invoice_lines.line_no as {{ dbt.type_string() }}) as invoice_detail_id,
        coalesce(invoice_lines.service_start, invoice_lines.period_start) as charge_start,
        {{ add_days('coalesce(invoice_lines.service_end, invoice_lines.period_end)', 1) }}
            as charge_end,
        invoice_lines.charge_category,
        case when invoice_lines.is_correction then 'Correction' end as charge_class,
        cast(null as {{ dbt.type_string() }}) as charge_frequency,
        case
            when invoice_lines.line_description not like '%@%' then invoice_lines.line_description
        end as charge_description,
        invoice_lines.sku,
        cast(null as {{ dbt.type_string() }}) as sku_meter,
        cast(null as {{ dbt.type_string() }}) as model_name,
        cast(null as {{ dbt.type_string() }}) as vendor_cost_center,
        cast(null as {{ dbt.type_string() }}) as credit_unit,
        invoice_lines.quantity,
        invoice_lines.unit,
        invoice_lines.unit_price as list_unit_price,
        invoice_lines.unit_price,
        invoice_lines.currency as billing_currency,
        cast(null as {{ dbt.type_string() }}) as discount_reason,
        invoice_lines.amount as billed_cost,
        invoice_lines.amount as list_cost,
        invoice_lines.amount as effective_cost,
        invoice_lines.amount as contracted_cost,
        {{ money('null') }} as exported_cost,
        cast(null as {{ dbt.type_string() }}) as exported_currency
    from invoice_lines
    left join exported_series
        on
            invoice_lines.issuer = exported_series.issuer
            and invoice_lines.invoice_id = exported_series.invoice_id
            and invoice_lines.vendor = exported_series.vendor
            and invoice_lines.series = exported_series.series
    where exported_series.vendor is null
),

charges as (
    select * from exported
    union all
    select * from invoiced
),

priced as (
    select
        charges.*,
        {{ focus_unit('charges.unit') }} as focus_unit,
        accounts.cycle_day,
        accounts.is_prepaid,
        charges.charge_category in ('Usage', 'Purchase') as has_price,
        charges.list_unit_price >= 0
        and charges.unit is not null
        and {{ money('charges.list_unit_price * charges.quantity') }} = charges.list_cost
        and (
            charges.contracted_cost = charges.list_cost
            or (
                charges.unit_price >= 0
                and {{ money('charges.unit_price * charges.quantity') }} = charges.contracted_cost
            )
        ) as prices_fit
    from charges
    left join accounts
        on
            charges.issuer = accounts.issuer
            and charges.billing_account_id = accounts.billing_account_id
)

select
    cost_basis,
    charge_key,
    vendor,
    series,
    billing_month,
    issuer as invoice_issuer_name,
    case vendor
        {% for vendor, name in names.items() %}
        when '{{ vendor }}' then '{{ name }}'
        {% endfor %}
        else vendor
    end as service_provider_name,
    case vendor
        {% for vendor, name in names.items() %}
        when '{{ vendor }}' then '{{ name }}'
        {% endfor %}
        else vendor
    end as service_name,
    case
        when vendor in {{ known }} then 'AI and Machine Learning'
        else 'Other'
    end as service_category,
    case
        when vendor in {{ known }} then 'Generative AI'
        else 'Other (Other)'
    end as service_subcategory,
    billing_account_id,
    account_id as sub_account_id,
    account_id as sub_account_name,
    case
        when account_id like '%/%' then {{ dbt.split_part('account_id', "'/'", 1) }}
        when account_id is not null then 'account'
    end as sub_account_type,
    invoice_id,
    case when invoice_id is not null then invoice_detail_id end as invoice_detail_id,
    {{ billing_period_start('billing_month', 'coalesce(cycle_day, 1)') }} as billing_period_start,
    {{ billing_period_end('billing_month', 'coalesce(cycle_day, 1)') }} as billing_period_end,
    charge_start as charge_period_start,
    charge_end as charge_period_end,
    charge_category,
    charge_class,
    charge_description,
    {# A purchase is never by usage, whatever the vendor says of it. #}
    case
        when
            charge_frequency is not null
            and not (charge_category = 'Purchase' and charge_frequency = 'Usage-Based')
            then charge_frequency
        when charge_category = 'Usage' then 'Usage-Based'
        when charge_category = 'Purchase' then 'Recurring'
        else 'One-Time'
    end as charge_frequency,
    billing_currency,
    case when has_price then coalesce(sku, vendor || ':' || series) end as sku_id,
    case when has_price then coalesce(sku_meter, focus_unit, 'Charges') end as sku_meter,
    case
        when has_price and discount_reason = 'commitment' then 'Committed'
        when has_price then 'Standard'
    end as pricing_category,
    case
        when not has_price then null
        when prices_fit then quantity
        when list_cost < 0 or contracted_cost < 0 then {{ money('-1') }}
        else {{ money('1') }}
    end as pricing_quantity,
    case
        when has_price and prices_fit then focus_unit
        when has_price then 'Charges'
    end as pricing_unit,
    case
        when not has_price then null
        when prices_fit then list_unit_price
        when list_cost < 0 or contracted_cost < 0 then -list_cost
        else list_cost
    end as list_unit_price,
    case
        when not has_price then null
        when prices_fit and contracted_cost = list_cost then list_unit_price
        when prices_fit then unit_price
        when list_cost < 0 or contracted_cost < 0 then -contracted_cost
        else contracted_cost
    end as contracted_unit_price,
    {{ money(
        "case"
        ~ " when charge_category <> 'Usage' then null"
        ~ " when quantity is not null and unit is not null then quantity"
        ~ " else 1 end"
    ) }} as consumed_quantity,
    case
        when charge_category <> 'Usage' then null
        when quantity is not null and unit is not null then focus_unit
        else 'Charges'
    end as consumed_unit,
    billed_cost,
    case when has_price then list_cost else billed_cost end as list_cost,
    case when has_price then contracted_cost else billed_cost end as contracted_cost,
    {# What is bought in advance costs something when it is used, not when it is bought. Vendors' own files break that. #}
    case
        when charge_category in ('Tax', 'Credit') then billed_cost
        when charge_category = 'Purchase' and cost_basis = 'vendor_export' and effective_cost <> 0
            then billed_cost
        when
            is_prepaid
            and charge_category = 'Purchase'
            and series <> 'human_seat_fee'
            and cost_basis = 'invoice'
            then {{ money('0') }}
        else effective_cost
    end as effective_cost,
    model_name,
    vendor_cost_center,
    credit_unit,
    case when credit_unit is not null then quantity end as credits_consumed,
    case when credit_unit is not null then list_unit_price end as credit_unit_price,
    exported_cost,
    exported_currency
from priced
