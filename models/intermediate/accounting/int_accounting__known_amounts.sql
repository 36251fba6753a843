{#
    One row per billing month, issuer, billing account, currency, vendor, series and whether it was invoiced when the books
    closed: what is known of the month's cost, from the vendor's billing data and the contract, as known now. Taxes,
    credit notes and accounts that pay in advance are left out.
#}
with

units as (
    select * from {{ ref('int_billing__reconciliation_units') }}
    where
        not is_credit_note
        and coalesce(invoice_status, '') <> 'voided'
        and payment_model <> 'prepaid'
),

expected_items as (
    select * from {{ ref('int_billing__expected_items') }}
    where basis in ('exported', 'contract_price', 'contract_fee') and series <> 'tax'
)

select
    units.billing_month,
    units.issuer,
    units.billing_account_id,
    units.currency,
    expected_items.vendor,
    expected_items.series,
    coalesce(
        units.invoice_status = 'issued'
        and units.issue_date
        <= {{ books_close_on('units.billing_month') }},
        false
    ) as is_invoiced_at_close,
    {{ money("sum(case when expected_items.basis = 'exported' then expected_items.amount end)") }}
        as exported_amount,
    {{ money("sum(case when expected_items.basis <> 'exported' then expected_items.amount end)") }}
        as contract_amount,
    {{ money('sum(expected_items.amount)') }} as known_amount
from units
inner join expected_items
    on units.reconciliation_key = expected_items.reconciliation_key
group by
    units.billing_month,
    units.issuer,
    units.billing_account_id,
    units.currency,
    expected_items.vendor,
    expected_items.series,
    coalesce(
        units.invoice_status = 'issued'
        and units.issue_date <= {{ books_close_on('units.billing_month') }},
        false
    )
