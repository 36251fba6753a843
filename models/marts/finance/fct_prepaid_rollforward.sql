{#
    One row per issuer, billing account, currency, lot of prepaid credits and billing month: opening, what came, what went,
    closing. An account's balance is the sum of its lots, UNFUNDED included, which is below zero.
#}
with

prepaid_months as (
    select * from {{ ref('int_accounting__prepaid_months') }}
)

select
    billing_month,
    issuer,
    billing_account_id,
    currency,
    lot_id,
    kind,
    purchased_on,
    expires_on,
    opening_amount,
    purchased_amount,
    granted_amount,
    adjusted_amount,
    drawn_amount,
    expired_amount,
    refunded_amount,
    closing_amount
from prepaid_months
