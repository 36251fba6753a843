{#
    One row per credit note whose invoice is among yours and not voided: what it gives back is backed by the invoice that
    it names, up to what earlier notes have left of that invoice's net. A note on an invoice that nobody has is backed by
    nothing.
#}
with

units as (
    select * from {{ ref('int_billing__reconciliation_units') }}
    where is_credit_note and invoice_status <> 'voided'
),

invoices as (
    select * from {{ ref('int_billing__invoices') }}
    where not is_credit_note and invoice_status <> 'voided'
),

notes as (
    select
        units.reconciliation_key,
        units.reference_invoice_id,
        invoices.billing_month as reference_month,
        abs(units.invoiced_net) as given_back,
        invoices.net
        + abs(units.invoiced_net)
        - sum(abs(units.invoiced_net)) over (
            partition by units.issuer, units.reference_invoice_id
            order by units.issue_date asc nulls last, {{ binary_order('units.invoice_id') }}
            rows between unbounded preceding and current row
        ) as left_before
    from units
    inner join invoices
        on
            units.issuer = invoices.issuer
            and units.billing_account_id = invoices.billing_account_id
            and units.currency = invoices.currency
            and units.reference_invoice_id = invoices.invoice_id
)

select
    reconciliation_key,
    reference_invoice_id,
    reference_month,
    {{ money("-1 * case
        when left_before <= 0 then 0
        when given_back > left_before then left_before
        else given_back
    end") }} as backed_amount
from notes
