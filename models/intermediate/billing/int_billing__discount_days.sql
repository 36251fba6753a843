{#
    One row per reconciled unit, vendor, series, SKU and day that a discount of the contract holds on: what the contract
    takes off, and what the vendor took off. It is off the list amount that the charges tell; where a vendor tells none,
    off the metered list value of what is charged (`is_list_told` is false, and there is no SKU). What the discount at the beginning of
    the period gives is `discount_amount`; what a change of it gives from its date on is `change_amount`. Charges that an
    allowance, a promotion or a commitment covers have no discount. The last of several terms on a day counts.
#}
with

charges as (
    select * from {{ ref('int_billing__reconciliation_charges') }}
    where
        comparison_key is not null
        and list_amount is not null
        and coalesce(discount_reason, 'discount') = 'discount'
),

contract_discounts as (
    select * from {{ ref('int_billing__contract_discounts') }}
),

compared as (
    select * from {{ ref('int_billing__usage_comparison') }}
),

days as (
    select
        reconciliation_key,
        vendor,
        series,
        sku,
        true as is_list_told,
        sum(list_amount) as list_amount,
        sum(billed_amount) as billed_amount,
        charge_date
    from charges
    group by reconciliation_key, vendor, series, sku, charge_date

    union all

    {# What nothing is billed for is covered by something else than a discount. #}
    select
        reconciliation_key,
        vendor,
        series,
        '' as sku,
        false as is_list_told,
        sum(metered_amount) as list_amount,
        sum(billed_amount) as billed_amount,
        usage_date as charge_date
    from compared
    where
        is_metered
        and not is_unpriced
        and unlisted_charges = charges
        and billed_amount <> 0
    group by reconciliation_key, vendor, series, usage_date
),

discounted_days as (
    select
        days.*,
        contract_discounts.contract_id,
        contract_discounts.percent,
        contract_discounts.first_percent,
        row_number() over (
            partition by
                days.reconciliation_key,
                days.vendor,
                days.series,
                days.sku,
                days.is_list_told,
                days.charge_date
            order by contract_discounts.term_number desc nulls last
        ) as choice
    from days
    inner join contract_discounts
        on
            days.reconciliation_key = contract_discounts.reconciliation_key
            and days.vendor = contract_discounts.vendor
            and days.charge_date >= contract_discounts.valid_from
            and days.charge_date <= coalesce(contract_discounts.valid_to, days.charge_date)
)

select
    reconciliation_key,
    vendor,
    series,
    sku,
    is_list_told,
    contract_id,
    percent,
    first_percent,
    {{ money('list_amount') }} as list_amount,
    {{ money('billed_amount') }} as billed_amount,
    {{ proportion('list_amount', 'first_percent', 100) }} as discount_amount,
    {{ proportion('list_amount', 'percent', 100) }}
    - {{ proportion('list_amount', 'first_percent', 100) }} as change_amount,
    {{ money('list_amount - billed_amount') }} as discount_exported,
    charge_date
from discounted_days
where choice = 1
