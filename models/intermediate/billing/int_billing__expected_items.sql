{{ config(materialized='table') }}

{#
    One row per reconciled unit, vendor, series, SKU, day and basis: what its invoice should say, and on what ground, at
    the booked rate. `exported` is what the vendor's billing data charges; `contract_price` corrects that to the discount
    of the contract, where there is one on the day, to what its pool of included credits covers, and to its seat fees;
    `contract_fee` is a fee of the contract that the
    billing data does not have; `prior_period` and `billed_later` move what a later invoice billed to that one; `prepaid` adds a
    purchase and takes off what was paid in advance; `credit_note` is a note's own amount. Metered value is never in it.
    A charge whose amount is not known is in no sum: `unknown_charges` counts them.
#}
with

charges as (
    select * from {{ ref('int_billing__reconciliation_charges') }}
),

discount_days as (
    select * from {{ ref('int_billing__discount_days') }}
    where is_list_told
),

allowances as (
    select * from {{ ref('int_billing__included_allowances') }}
),

contract_fees as (
    select * from {{ ref('int_billing__contract_fees') }}
),

late_billed as (
    select * from {{ ref('int_billing__late_billed') }}
),

prepaid_parts as (
    select * from {{ ref('int_billing__prepaid_parts') }}
),

credit_notes as (
    select * from {{ ref('int_billing__credit_notes') }}
),

items as (
    select
        reconciliation_key,
        vendor,
        series,
        sku,
        charge_date as subject_date,
        'exported' as basis,
        billed_amount as amount,
        fx_base_usd,
        1 as charges,
        case when comparison_key is not null then 1 else 0 end as usage_charges,
        case when billed_amount is null then 1 else 0 end as unknown_charges
    from charges

    union all

    select
        reconciliation_key,
        vendor,
        series,
        sku,
        charge_date as subject_date,
        'contract_price' as basis,
        discount_exported - discount_amount - change_amount as amount,
        0 as fx_base_usd,
        0 as charges,
        0 as usage_charges,
        0 as unknown_charges
    from discount_days
    where discount_exported <> discount_amount + change_amount

    union all

    select
        reconciliation_key,
        vendor,
        'human_usage' as series,
        '' as sku,
        cast(null as date) as subject_date,
        'contract_price' as basis,
        discount_exported - discount_expected as amount,
        0 as fx_base_usd,
        0 as charges,
        0 as usage_charges,
        0 as unknown_charges
    from allowances
    where discount_exported <> discount_expected

    union all

    select
        reconciliation_key,
        vendor,
        series,
        '' as sku,
        cast(null as date) as subject_date,
        case when exported_amount is null then 'contract_fee' else 'contract_price' end as basis,
        fee_amount - coalesce(exported_amount, 0) as amount,
        case when exported_amount is null then fx_base_usd else 0 end as fx_base_usd,
        0 as charges,
        0 as usage_charges,
        0 as unknown_charges
    from contract_fees

    union all

    select
        reconciliation_key,
        vendor,
        series,
        '' as sku,
        service_end as subject_date,
        'prior_period' as basis,
        backed_amount as amount,
        0 as fx_base_usd,
        0 as charges,
        0 as usage_charges,
        0 as unknown_charges
    from late_billed

    union all

    select
        earlier_key as reconciliation_key,
        vendor,
        series,
        '' as sku,
        service_end as subject_date,
        'billed_later' as basis,
        -backed_amount as amount,
        0 as fx_base_usd,
        0 as charges,
        0 as usage_charges,
        0 as unknown_charges
    from late_billed

    union all

    select
        reconciliation_key,
        vendor,
        series,
        '' as sku,
        cast(null as date) as subject_date,
        'prepaid' as basis,
        amount - coalesce(exported_amount, 0) as amount,
        0 as fx_base_usd,
        0 as charges,
        0 as usage_charges,
        0 as unknown_charges
    from prepaid_parts
    where subject <> 'covered by a commitment'

    union all

    select
        reconciliation_key,
        null as vendor,
        'credit' as series,
        '' as sku,
        cast(null as date) as subject_date,
        'credit_note' as basis,
        backed_amount as amount,
        0 as fx_base_usd,
        0 as charges,
        0 as usage_charges,
        0 as unknown_charges
    from credit_notes
)

select
    reconciliation_key,
    vendor,
    series,
    sku,
    basis,
    {{ money('sum(amount)') }} as amount,
    {{ money('sum(fx_base_usd)') }} as fx_base_usd,
    cast(sum(charges) as bigint) as charges,
    cast(sum(usage_charges) as bigint) as usage_charges,
    cast(sum(unknown_charges) as bigint) as unknown_charges,
    subject_date
from items
group by reconciliation_key, vendor, series, sku, basis, subject_date
