{#
    The null rules of FOCUS 1.4 (and 1.2), each told by its name. Nulls are nulls, not empty texts; currencies are ISO
    4217 codes; a purchase is never by usage.
#}
{% set is_newest = var('focus_version') == '1.4' %}
{% set focus = 'focus_cost_and_usage' if is_newest else 'focus_cost_and_usage_1_2' %}
with

charges as (
    select
        *,
        "ChargeCategory" in ('Usage', 'Purchase') and "ChargeClass" is null as must_have_price
    from {{ ref(focus) }}
),

broken as (
    select
        *,
        case
            when
                must_have_price
                and (
                    "SkuId" is null
                    or "SkuPriceId" is null
                    or "PricingQuantity" is null
                    or "PricingCategory" is null
                    or "ListUnitPrice" is null
                    or "ContractedUnitPrice" is null
                ) then 'usage and purchases have a SKU, a quantity and prices'
            when
                "ChargeCategory" = 'Tax'
                and (
                    "SkuId" is not null
                    or "SkuPriceId" is not null
                    or "PricingQuantity" is not null
                    or "PricingCategory" is not null
                    or "ListUnitPrice" is not null
                    or "ContractedUnitPrice" is not null
                ) then 'tax has no SKU, no quantity and no price'
            when
                "ConsumedQuantity" is not null
                and ("ChargeCategory" <> 'Usage' or "SkuPriceId" is null)
                then 'only usage is consumed'
            when
                "ConsumedQuantity" is null and "ChargeCategory" = 'Usage' and "ChargeClass" is null
                then 'usage is consumed'
            when
                ("ConsumedUnit" is null) <> ("ConsumedQuantity" is null)
                then 'consumed unit and quantity'
            when
                ("PricingUnit" is null) <> ("PricingQuantity" is null)
                then 'pricing unit and quantity'
            when ("SkuMeter" is null) <> ("SkuId" is null) then 'SKU and meter'
            when "SkuPriceDetails" is not null and "SkuPriceId" is null then 'details of no price'
            when "ChargeClass" <> 'Correction' then 'a class other than Correction'
            when
                "ChargeFrequency" not in ('One-Time', 'Recurring', 'Usage-Based')
                then 'a frequency that FOCUS does not know'
            when
                "ChargeCategory" = 'Purchase' and "ChargeFrequency" = 'Usage-Based'
                then 'a purchase by usage'
            when
                "ChargeCategory" not in ('Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment')
                then 'a category that FOCUS does not know'
            when
                "PricingCategory" not in ('Standard', 'Committed')
                then 'a pricing category of its own'
            when
                not {{ matches_regex('"BillingCurrency"', "'^[A-Z]{3}$'") }}
                or not {{ matches_regex('"PricingCurrency"', "'^[A-Z]{3}$'") }}
                then 'a currency that is no ISO 4217 code'
            when ("SubAccountId" is null) <> ("SubAccountName" is null) then 'sub account and name'
            when ("SubAccountId" is null) <> ("SubAccountType" is null) then 'sub account and type'
            when
                "ChargePeriodEnd" <= "ChargePeriodStart"
                or "BillingPeriodEnd" <= "BillingPeriodStart"
                then 'a period that ends before it begins'
            when
                '' in (
                    coalesce("InvoiceId", '-'),
                    coalesce("SkuId", '-'),
                    coalesce("SkuMeter", '-'),
                    coalesce("ChargeDescription", '-'),
                    coalesce("ConsumedUnit", '-'),
                    coalesce("PricingUnit", '-'),
                    coalesce("SubAccountId", '-')
                ) then 'an empty text in place of a null'
        end as broken_rule
    from charges
)

select
    "x_ChargeKey",
    broken_rule
from broken
where broken_rule is not null
