{#
    One row per reconciled unit, vendor, series and subject that a contract has a fee for: seats of a plan, or what a
    minimum adds to the month's charges. `exported_amount` is what the vendor's billing data charges for the same, NULL
    where it has nothing of the kind. A fee in a currency without a booked rate is unknown, and so is what a minimum adds
    to use that was metered and that the billing data does not have.
#}
with

units as (
    select * from {{ ref('int_billing__reconciliation_units') }}
    where not is_credit_note and coalesce(invoice_status, '') <> 'voided'
),

invoice_series as (
    select * from {{ ref('int_billing__invoice_series') }}
),

seat_months as (
    select * from {{ ref('int_seats__months') }}
    where seat_fee is not null
),

contract_terms as (
    select * from {{ ref('int_finance__contract_terms') }}
    where term = 'minimum_fee'
),

charges as (
    select * from {{ ref('int_billing__reconciliation_charges') }}
),

compared as (
    select * from {{ ref('int_billing__usage_comparison') }}
),

seat_fees as (
    select
        {{ reconciliation_key(
            'seat_months.issuer',
            'seat_months.billing_account_id',
            'seat_months.billing_month',
            'invoice_series.invoice_id'
        ) }}
            as reconciliation_key,
        seat_months.vendor,
        'human_seat_fee' as series,
        seat_months.currency,
        sum(seat_months.seat_fee) as fee
    from seat_months
    left join invoice_series
        on
            seat_months.issuer = invoice_series.issuer
            and seat_months.billing_account_id = invoice_series.billing_account_id
            and seat_months.billing_month = invoice_series.billing_month
            and seat_months.vendor = invoice_series.vendor
            and invoice_series.series = 'human_seat_fee'
    group by
        seat_months.issuer,
        seat_months.billing_account_id,
        seat_months.billing_month,
        invoice_series.invoice_id,
        seat_months.vendor,
        seat_months.currency
),

exported_seats as (
    select
        reconciliation_key,
        vendor,
        sum(billed_amount) as billed_amount
    from charges
    where series = 'human_seat_fee'
    group by reconciliation_key, vendor
),

seat_amounts as (
    select
        seat_fees.reconciliation_key,
        seat_fees.vendor,
        seat_fees.series,
        {{ in_currency(
            'seat_fees.fee', 'seat_fees.currency', 'units.currency', 'units.booked_fx_rate'
        ) }} as fee_amount,
        case
            when seat_fees.currency = 'USD' and units.currency <> 'USD' then seat_fees.fee
            else 0
        end as fx_base_usd,
        exported_seats.billed_amount as exported_amount
    from seat_fees
    inner join units
        on seat_fees.reconciliation_key = units.reconciliation_key
    left join exported_seats
        on
            seat_fees.reconciliation_key = exported_seats.reconciliation_key
            and seat_fees.vendor = exported_seats.vendor
),

exported_usage as (
    select
        reconciliation_key,
        vendor,
        sum(billed_amount) as billed_amount
    from charges
    where comparison_key is not null
    group by reconciliation_key, vendor
),

vendors_without_export as (
    select distinct
        reconciliation_key,
        vendor
    from compared
    where is_metered and not is_period_exported
),

minimum_fees as (
    select
        units.reconciliation_key,
        contract_terms.vendor,
        contract_terms.contract_id,
        {{ in_currency(
            'contract_terms.amount',
            'contract_terms.currency',
            'units.currency',
            'units.booked_fx_rate'
        ) }}
            as minimum_amount,
        case
            when vendors_without_export.vendor is null
                then coalesce(exported_usage.billed_amount, 0)
        end as usage_amount,
        row_number() over (
            partition by units.reconciliation_key, contract_terms.vendor, contract_terms.contract_id
            order by contract_terms.valid_from desc nulls last
        ) as term_age
    from units
    inner join contract_terms
        on
            units.issuer = contract_terms.issuer
            and units.billing_account_id = contract_terms.billing_account_id
            and units.period_end >= contract_terms.valid_from
            and units.period_end <= coalesce(contract_terms.valid_to, units.period_end)
    inner join invoice_series
        on
            units.issuer = invoice_series.issuer
            and units.billing_account_id = invoice_series.billing_account_id
            and units.billing_month = invoice_series.billing_month
            and contract_terms.vendor = invoice_series.vendor
            and invoice_series.series = 'human_usage'
            and units.invoice_id = invoice_series.invoice_id
    left join exported_usage
        on
            units.reconciliation_key = exported_usage.reconciliation_key
            and contract_terms.vendor = exported_usage.vendor
    left join vendors_without_export
        on
            units.reconciliation_key = vendors_without_export.reconciliation_key
            and contract_terms.vendor = vendors_without_export.vendor
)

select
    reconciliation_key,
    vendor,
    series,
    'seats' as subject,
    {{ money('sum(fee_amount)') }} as fee_amount,
    {{ money('sum(fx_base_usd)') }} as fx_base_usd,
    {{ money('min(exported_amount)') }} as exported_amount
from seat_amounts
group by reconciliation_key, vendor, series

union all

select
    reconciliation_key,
    vendor,
    'other' as series,
    'minimum of ' || contract_id as subject,
    {{ money('minimum_amount - usage_amount') }} as fee_amount,
    {{ money('0') }} as fx_base_usd,
    {{ money('null') }} as exported_amount
from minimum_fees
where term_age = 1 and (usage_amount is null or minimum_amount > usage_amount)
