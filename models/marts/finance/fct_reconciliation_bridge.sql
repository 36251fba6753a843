{#
    One row per issuer, billing account, billing month, invoice, currency and reason: the way from the metered value to
    the invoiced net. The reasons add up to the variance exactly. `unexplained` is there for every invoice, zero too; it
    and `rounding` are computed as what the other reasons leave over. An invoice without a variance, for nothing of its use
    has a value, has no bridge.
#}
with

reconciliations as (
    select * from {{ ref('int_billing__reconciliations') }}
    where variance is not null
),

bridge_parts as (
    select * from {{ ref('int_billing__bridge_parts') }}
),

reasons as (
    select
        issuer,
        billing_account_id,
        billing_month,
        invoice_id,
        currency,
        variance_reason,
        amount
    from bridge_parts

    union all

    select
        issuer,
        billing_account_id,
        billing_month,
        invoice_id,
        currency,
        'rounding' as variance_reason,
        rounding as amount
    from reconciliations
    where rounding <> 0

    union all

    select
        issuer,
        billing_account_id,
        billing_month,
        invoice_id,
        currency,
        'unexplained' as variance_reason,
        unexplained as amount
    from reconciliations
)

select
    reasons.issuer,
    reasons.billing_account_id,
    reasons.billing_month,
    reasons.invoice_id,
    reasons.currency,
    reasons.variance_reason,
    {{ money('sum(reasons.amount)') }} as amount
from reasons
inner join reconciliations
    on
        reasons.issuer = reconciliations.issuer
        and reasons.billing_account_id = reconciliations.billing_account_id
        and reasons.billing_month = reconciliations.billing_month
        and reasons.invoice_id = reconciliations.invoice_id
group by
    reasons.issuer,
    reasons.billing_account_id,
    reasons.billing_month,
    reasons.invoice_id,
    reasons.currency,
    reasons.variance_reason
