{#
    One row per billing month, vendor, account and plan: seats assigned, paid, active and idle, and what they should cost
    by contract. No persons are in it.
#}
with

seat_months as (
    select * from {{ ref('int_seats__months') }}
)

select
    billing_month,
    vendor,
    account_id,
    issuer,
    billing_account_id,
    plan,
    currency,
    contract_id,
    seats_assigned,
    seats_paid,
    seats_active,
    seats_idle,
    seats_unassigned,
    full_seats,
    prorated_seats,
    seat_price,
    prorated_seat_fee,
    seat_fee,
    is_exported
from seat_months
