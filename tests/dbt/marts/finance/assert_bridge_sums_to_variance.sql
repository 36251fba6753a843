{# The reasons of every invoice's bridge add up to its variance, to the last decimal; an invoice without one has none. #}
with

reconciliations as (
    select * from {{ ref('fct_reconciliation_monthly') }}
),

bridge as (
    select * from {{ ref('fct_reconciliation_bridge') }}
),

sums as (
    select
        issuer,
        billing_account_id,
        billing_month,
        invoice_id,
        currency,
        sum(amount) as amount,
        sum(case when variance_reason = 'unexplained' then amount else 0 end) as unexplained
    from bridge
    group by issuer, billing_account_id, billing_month, invoice_id, currency
)

select
    reconciliations.issuer,
    reconciliations.invoice_id,
    reconciliations.variance,
    sums.amount as bridge_amount
from reconciliations
full outer join sums
    on
        reconciliations.issuer = sums.issuer
        and reconciliations.billing_account_id = sums.billing_account_id
        and reconciliations.billing_month = sums.billing_month
        and reconciliations.invoice_id = sums.invoice_id
        and reconciliations.currency = sums.currency
where
    reconciliations.variance is distinct from sums.amount
    or reconciliations.unexplained is distinct from sums.unexplained
