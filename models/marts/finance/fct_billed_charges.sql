{#
    One row per charge as the vendor's own billing data tells it, in the grain of FOCUS: what it says it will charge. That
    is neither what was metered (core.fct_credits_daily) nor what an invoice says.
#}
with

charges as (
    select * from {{ ref('int_billing__billed_charges') }}
),

principals as (
    select * from {{ ref('int_identity__principals_tagged') }}
)

select
    charges.charge_key,
    charges.vendor,
    charges.account_id,
    charges.issuer,
    charges.billing_account_id,
    charges.billing_month,
    charges.invoice_id,
    charges.source_report,
    charges.charge_date,
    charges.charge_end_date,
    charges.charge_category,
    charges.charge_class,
    charges.charge_frequency,
    charges.series,
    charges.sku,
    charges.sku_meter,
    {# The words of a foreign FOCUS file may name a person; its SKU and meter say what was charged. #}
    case
        when charges.source_report = 'focus-cost-and-usage' then null
        else charges.charge_description
    end as charge_description,
    charges.model_name,
    charges.principal_key,
    case
        when charges.principal_key is not null
            then coalesce(principals.principal_kind, 'unattributed')
    end as principal_kind,
    charges.vendor_cost_center,
    charges.credit_unit,
    charges.quantity,
    charges.unit,
    charges.list_unit_price,
    charges.unit_price,
    charges.billing_currency,
    charges.list_cost,
    charges.discount_reason,
    charges.billed_cost,
    charges.effective_cost,
    charges.list_usd,
    charges.billed_usd
from charges
left join principals
    on
        charges.vendor = principals.vendor
        and charges.principal_key = principals.principal_key
