{#
    One row per billing month, issuer, billing account and currency: what is accrued for what was not invoiced when the
    books closed, its reversal, the invoice and the true-up.
#}
with

accruals as (
    select * from {{ ref('int_accounting__accruals') }}
)

select
    billing_month,
    issuer,
    billing_account_id,
    currency,
    close_date,
    known_amount,
    known_not_invoiced,
    late_factor,
    late_months_compared,
    accrual_amount,
    reversal_date,
    reversal_amount,
    invoiced_amount,
    invoiced_at_close,
    true_up_amount,
    accrual_accuracy,
    is_as_closed,
    is_provisional
from accruals
