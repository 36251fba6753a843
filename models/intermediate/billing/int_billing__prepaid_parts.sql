{#
    One row per reconciled unit, vendor, series and subject of a prepayment: credits bought in advance, as far as
    prepaid_lots has them, and use that was paid out of them and is on no invoice: all use of an account that pays in
    advance, and what the billing data says a commitment covers. `exported_amount` is what the billing data charges for
    the purchase, NULL where it has none.
#}
with

units as (
    select * from {{ ref('int_billing__reconciliation_units') }}
    where not is_credit_note and coalesce(invoice_status, '') <> 'voided'
),

lots as (
    select * from {{ ref('int_finance__prepaid_lots') }}
    where kind = 'purchased'
),

accounts as (
    select * from {{ ref('int_billing__accounts') }}
),

charges as (
    select * from {{ ref('int_billing__reconciliation_charges') }}
),

account_vendors as (
    select
        issuer,
        billing_account_id,
        min(vendor) as vendor
    from accounts
    group by issuer, billing_account_id
),

{# A lot is on the invoice that it names; one that names none, on the first of the period in which it was bought. #}
placed_lots as (
    select
        lots.*,
        units.reconciliation_key,
        units.currency as unit_currency,
        units.booked_fx_rate,
        row_number() over (
            partition by lots.issuer, lots.lot_id
            order by
                case when lots.invoice_id = units.invoice_id then 0 else 1 end,
                units.issue_date asc nulls last,
                {{ binary_order('units.invoice_id') }}
        ) as choice
    from lots
    inner join units
        on
            lots.issuer = units.issuer
            and lots.billing_account_id = units.billing_account_id
            and (
                lots.invoice_id = units.invoice_id
                or (
                    lots.invoice_id is null
                    and units.invoice_id is not null
                    and lots.purchased_on >= units.period_start
                    and lots.purchased_on <= units.period_end
                )
            )
),

exported_purchases as (
    select
        reconciliation_key,
        vendor,
        sum(billed_amount) as billed_amount
    from charges
    where charge_category = 'Purchase' and series <> 'human_seat_fee'
    group by reconciliation_key, vendor
),

purchases as (
    select
        placed_lots.reconciliation_key,
        account_vendors.vendor,
        sum({{ in_currency(
            'placed_lots.amount',
            'placed_lots.currency',
            'placed_lots.unit_currency',
            'placed_lots.booked_fx_rate'
        ) }}) as amount
    from placed_lots
    left join account_vendors
        on
            placed_lots.issuer = account_vendors.issuer
            and placed_lots.billing_account_id = account_vendors.billing_account_id
    where placed_lots.choice = 1
    group by placed_lots.reconciliation_key, account_vendors.vendor
)

select
    purchases.reconciliation_key,
    purchases.vendor,
    'other' as series,
    'purchase' as subject,
    {{ money('purchases.amount') }} as amount,
    {{ money('exported_purchases.billed_amount') }} as exported_amount
from purchases
left join exported_purchases
    on
        purchases.reconciliation_key = exported_purchases.reconciliation_key
        and purchases.vendor = exported_purchases.vendor

union all

select
    charges.reconciliation_key,
    charges.vendor,
    charges.series,
    'paid in advance' as subject,
    {{ money('- sum(charges.billed_amount)') }} as amount,
    {{ money('null') }} as exported_amount
from charges
inner join units
    on charges.reconciliation_key = units.reconciliation_key
where charges.comparison_key is not null and units.payment_model = 'prepaid'
group by charges.reconciliation_key, charges.vendor, charges.series

union all

select
    reconciliation_key,
    vendor,
    series,
    'covered by a commitment' as subject,
    {{ money('sum(billed_amount - list_amount)') }} as amount,
    {{ money('null') }} as exported_amount
from charges
where comparison_key is not null and discount_reason = 'commitment'
group by reconciliation_key, vendor, series
