{#
    The cost rules of FOCUS 1.4 (and 1.2), to the last decimal: cost is unit price times quantity; prices are not
    negative; tax and credits cost what they are billed; a purchase costs what it is billed, or nothing where it pays for
    later charges.
#}
{% set is_newest = var('focus_version') == '1.4' %}
{% set focus = 'focus_cost_and_usage' if is_newest else 'focus_cost_and_usage_1_2' %}
with

charges as (
    select * from {{ ref(focus) }}
),

broken as (
    select
        *,
        case
            when
                {{ money('"ListUnitPrice" * "PricingQuantity"') }} <> "ListCost"
                then 'list cost is list price times quantity'
            when
                {{ money('"ContractedUnitPrice" * "PricingQuantity"') }} <> "ContractedCost"
                then 'contracted cost is contracted price times quantity'
            when "ListUnitPrice" < 0 or "ContractedUnitPrice" < 0 then 'prices are not negative'
            when
                "ListUnitPrice" is null and "ListCost" <> "BilledCost"
                then 'without a price the list cost is the billed cost'
            when
                "ContractedUnitPrice" is null and "ContractedCost" <> "BilledCost"
                then 'without a price the contracted cost is the billed cost'
            when
                "ChargeCategory" in ('Tax', 'Credit') and "EffectiveCost" <> "BilledCost"
                then 'tax and credits cost what they are billed'
            when
                "ChargeCategory" = 'Purchase' and "EffectiveCost" not in (0, "BilledCost")
                then 'a purchase covers later charges or none'
            when
                "PricingCurrencyEffectiveCost" <> "EffectiveCost"
                or "PricingCurrencyListUnitPrice" <> "ListUnitPrice"
                or "PricingCurrencyContractedUnitPrice" <> "ContractedUnitPrice"
                then 'prices are in the billing currency'
            when
                ("x_CreditsConsumed" is not null or "x_CreditUnitPrice" is not null)
                and "x_VirtualCurrencyCode" is null
                then 'credits have a unit'
        end as broken_rule
    from charges
)

select
    "x_ChargeKey",
    broken_rule
from broken
where broken_rule is not null
