{#
    One row per issuer, billing account, billing month, invoice and currency: the invoice against what was used and what
    the vendor's billing data charges, and whether it matches. Months without an invoice have a row as well, without an
    invoiced amount.
#}
with

reconciliations as (
    select * from {{ ref('int_billing__reconciliations') }}
),

periods as (
    select * from {{ ref('int_close__periods') }}
)

select
    reconciliations.issuer,
    reconciliations.billing_account_id,
    reconciliations.billing_month,
    reconciliations.invoice_id,
    reconciliations.currency,
    reconciliations.invoice_status,
    reconciliations.invoiced_net,
    reconciliations.invoiced_tax,
    reconciliations.metered_value,
    reconciliations.exported_billed,
    reconciliations.contract_fees,
    reconciliations.expected_net,
    reconciliations.variance,
    reconciliations.data_variance,
    reconciliations.rows_compared,
    reconciliations.unknown_charges,
    reconciliations.tolerance_rounding,
    reconciliations.tolerance_business,
    reconciliations.unexplained,
    reconciliations.match_status,
    reconciliations.status_reason,
    coalesce(periods.period_status, 'open') as period_status,
    reconciliations.metered_coverage
from reconciliations
left join periods
    on reconciliations.billing_month = periods.period
