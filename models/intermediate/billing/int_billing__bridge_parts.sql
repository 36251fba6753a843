{{ config(materialized='table') }}

{#
    One row per invoice, reason and subject of a difference, in the invoice's currency: every part of the way from the
    metered value to the invoiced net that data or a contract backs, down to keys and days. What is left between these and
    the variance is computed where they are added up, never here.
#}
with

units as (
    select * from {{ ref('int_billing__reconciliation_units') }}
    where invoice_id is not null and coalesce(invoice_status, '') <> 'voided'
),

usage_differences as (
    select * from {{ ref('int_billing__usage_differences') }}
),

discount_days as (
    select * from {{ ref('int_billing__discount_days') }}
),

allowance_parts as (
    select * from {{ ref('int_billing__allowance_parts') }}
),

contract_fees as (
    select * from {{ ref('int_billing__contract_fees') }}
),

prepaid_parts as (
    select * from {{ ref('int_billing__prepaid_parts') }}
),

credit_notes as (
    select * from {{ ref('int_billing__credit_notes') }}
),

late_billed as (
    select * from {{ ref('int_billing__late_billed') }}
),

expected_items as (
    select * from {{ ref('int_billing__expected_items') }}
),

charges as (
    select * from {{ ref('int_billing__reconciliation_charges') }}
),

parts as (
    select
        reconciliation_key,
        variance_reason,
        vendor,
        series,
        subject,
        usage_date as subject_date,
        amount,
        evidence
    from usage_differences

    union all

    select
        reconciliation_key,
        'discount' as variance_reason,
        vendor,
        series,
        contract_id as subject,
        charge_date as subject_date,
        -discount_amount as amount,
        'discount of the contract at the beginning of the period, off the list amount' as evidence
    from discount_days

    union all

    select
        reconciliation_key,
        'price_difference' as variance_reason,
        vendor,
        series,
        contract_id as subject,
        charge_date as subject_date,
        -change_amount as amount,
        'change of the contract''s discount within the period, off the list amount' as evidence
    from discount_days

    union all

    select
        reconciliation_key,
        variance_reason,
        vendor,
        series,
        variance_reason as subject,
        cast(null as date) as subject_date,
        amount,
        evidence
    from allowance_parts

    union all

    select
        reconciliation_key,
        'seats_and_fixed' as variance_reason,
        vendor,
        series,
        subject,
        cast(null as date) as subject_date,
        fee_amount as amount,
        'fee of the contract' as evidence
    from contract_fees

    union all

    select
        reconciliation_key,
        'commitment' as variance_reason,
        vendor,
        series,
        subject,
        cast(null as date) as subject_date,
        amount,
        'prepaid lots and what is drawn from them' as evidence
    from prepaid_parts

    union all

    select
        reconciliation_key,
        'credit_note' as variance_reason,
        cast(null as {{ dbt.type_string() }}) as vendor,
        'credit' as series,
        reference_invoice_id as subject,
        cast(null as date) as subject_date,
        backed_amount as amount,
        'gives back what the invoice named billed' as evidence
    from credit_notes

    union all

    {# Credits in the billing data that are no promotion, and corrections of months that the vendor has closed. #}
    select
        reconciliation_key,
        case when charge_class = 'Correction' then 'prior_period' else 'credit_note' end
            as variance_reason,
        vendor,
        series,
        coalesce(nullif(sku, ''), charge_category) as subject,
        charge_date as subject_date,
        billed_amount as amount,
        'in the billing data' as evidence
    from charges
    where
        comparison_key is null
        and (
            charge_class = 'Correction'
            or (charge_category = 'Credit' and coalesce(discount_reason, '') <> 'promotion')
        )

    union all

    select
        reconciliation_key,
        'prior_period' as variance_reason,
        vendor,
        series,
        'line ' || cast(line_no as {{ dbt.type_string() }}) as subject,
        service_end as subject_date,
        backed_amount as amount,
        'days of an earlier period that its invoice left out; its charges have them' as evidence
    from late_billed

    union all

    select
        earlier_key as reconciliation_key,
        'cutoff_timing' as variance_reason,
        vendor,
        series,
        'invoice ' || invoice_id as subject,
        service_end as subject_date,
        -backed_amount as amount,
        'charged for this period, billed on a later invoice' as evidence
    from late_billed

    union all

    select
        expected_items.reconciliation_key,
        'fx' as variance_reason,
        expected_items.vendor,
        expected_items.series,
        'rate' as subject,
        cast(null as date) as subject_date,
        {{ money('expected_items.fx_base_usd * (units.fx_rate - units.booked_fx_rate)') }}
            as amount,
        'dollars charged, at the invoice''s rate against the booked one' as evidence
    from expected_items
    inner join units
        on expected_items.reconciliation_key = units.reconciliation_key
),

summed as (
    select
        reconciliation_key,
        variance_reason,
        vendor,
        series,
        subject,
        subject_date,
        {{ money('sum(amount)') }} as amount,
        min(evidence) as evidence
    from parts
    group by reconciliation_key, variance_reason, vendor, series, subject, subject_date
)

select
    units.issuer,
    units.billing_account_id,
    units.billing_month,
    units.invoice_id,
    units.currency,
    summed.variance_reason,
    summed.vendor,
    summed.series,
    summed.subject,
    summed.subject_date,
    summed.amount,
    summed.evidence
from summed
inner join units
    on summed.reconciliation_key = units.reconciliation_key
where summed.amount <> 0
