{# Every reason that has rows is the sum of its rows, and only what is computed has none. #}
with

bridge as (
    select * from {{ ref('fct_reconciliation_bridge') }}
    where variance_reason not in ('rounding', 'unexplained')
),

reconciliations as (
    select * from {{ ref('fct_reconciliation_monthly') }}
    where variance is not null
),

details as (
    select
        details.issuer,
        details.invoice_id,
        details.variance_reason,
        sum(details.amount) as amount
    from {{ ref('fct_reconciliation_details') }} as details
    inner join reconciliations
        on
            details.issuer = reconciliations.issuer
            and details.invoice_id = reconciliations.invoice_id
    group by details.issuer, details.invoice_id, details.variance_reason
)

select
    details.issuer,
    details.invoice_id,
    details.variance_reason,
    details.amount,
    bridge.amount as bridge_amount
from details
full outer join bridge
    on
        details.issuer = bridge.issuer
        and details.invoice_id = bridge.invoice_id
        and details.variance_reason = bridge.variance_reason
where details.amount is distinct from bridge.amount
