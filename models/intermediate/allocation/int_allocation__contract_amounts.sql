{#
    One row per billing month, vendor and series: what is due beside what the vendor's billing data charges, in dollars at
    the booked rate. Contract fees are what a contract adds to the billing data or takes off it: seats, minimum fees, agreed
    discounts. A credit note is a vendor's series credit, of the first vendor of its lines by name.

    What one month's invoice bills of another month is in the month of the use already, as its billing data has it, and
    is no amount of its own; nor is a purchase in advance, of which the use is charged.
#}
with

units as (
    select * from {{ ref('int_billing__reconciliation_units') }}
    where coalesce(invoice_status, '') <> 'voided'
),

expected_items as (
    select * from {{ ref('int_billing__expected_items') }}
    where basis in ('contract_price', 'contract_fee', 'credit_note') and series <> 'tax'
),

invoice_lines as (
    select * from {{ ref('int_finance__invoice_lines') }}
),

document_vendors as (
    select
        issuer,
        invoice_id,
        min(vendor) as vendor
    from invoice_lines
    group by issuer, invoice_id
),

amounts as (
    select
        units.billing_month,
        coalesce(expected_items.vendor, document_vendors.vendor) as vendor,
        expected_items.series,
        expected_items.basis,
        case
            when units.currency = 'USD' then expected_items.amount
            else {{ proportion('expected_items.amount', 1, 'units.booked_fx_rate') }}
        end as amount_usd
    from units
    inner join expected_items
        on units.reconciliation_key = expected_items.reconciliation_key
    left join document_vendors
        on
            units.issuer = document_vendors.issuer
            and units.invoice_id = document_vendors.invoice_id
)

select
    billing_month,
    vendor,
    series,
    {{ money("sum(case when basis <> 'credit_note' then amount_usd end)") }} as contract_fees_usd,
    {{ money("sum(case when basis = 'credit_note' then amount_usd end)") }} as credit_notes_usd
from amounts
where amount_usd is not null and vendor is not null
group by billing_month, vendor, series
