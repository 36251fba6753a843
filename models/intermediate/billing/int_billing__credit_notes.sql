{#
    One row per credit note whose invoice is among yours and not voided: what it gives back is backed by the invoice that
    it names, up to that invoice's net. A note on an invoice that nobody has is backed by nothing.
#}
with

units as (
    select * from {{ ref('int_billing__reconciliation_units') }}
    where is_credit_note and invoice_status <> 'voided'
),

invoices as (
    select * from {{ ref('int_billing__invoices') }}
    where not is_credit_note and invoice_status <> 'voided'
)

select
    units.reconciliation_key,
    units.reference_invoice_id,
    invoices.billing_month as reference_month,
    case
        when abs(units.invoiced_net) > invoices.net then {{ money('-1 * invoices.net') }}
        else units.invoiced_net
    end as backed_amount
from units
inner join invoices
    on
        units.issuer = invoices.issuer
        and units.billing_account_id = invoices.billing_account_id
        and units.currency = invoices.currency
        and units.reference_invoice_id = invoices.invoice_id
