{#
    The lines of an invoice in FOCUS add up to its net and tax; what is issued has a date; an invoice that is no credit
    note refers to itself; a line is of a billing period that is told, closed or open.
#}
with

details as (
    select * from {{ ref('focus_invoice_detail') }}
),

periods as (
    select * from {{ ref('focus_billing_period') }}
),

invoices as (
    select * from {{ ref('int_billing__invoices') }}
),

sums as (
    select
        "InvoiceIssuerName" as issuer,
        "InvoiceId" as invoice_id,
        sum("BilledCost") as amount
    from details
    group by "InvoiceIssuerName", "InvoiceId"
)

select
    sums.issuer,
    sums.invoice_id,
    'the lines do not add up' as broken_rule
from sums
inner join invoices
    on
        sums.issuer = invoices.issuer
        and sums.invoice_id = invoices.invoice_id
where sums.amount <> invoices.net + coalesce(invoices.tax, 0)

union all

select
    details."InvoiceIssuerName" as issuer,
    details."InvoiceId" as invoice_id,
    case
        when details."InvoiceIssueStatus" <> 'Open' and details."InvoiceIssueDate" is null
            then 'issued without a date'
        when not invoices.is_credit_note and details."ReferenceInvoiceId" <> details."InvoiceId"
            then 'refers to another invoice'
        else 'its billing period is not told'
    end as broken_rule
from details
inner join invoices
    on
        details."InvoiceIssuerName" = invoices.issuer
        and details."InvoiceId" = invoices.invoice_id
left join periods
    on
        details."InvoiceIssuerName" = periods."InvoiceIssuerName"
        and details."BillingPeriodStart" = periods."BillingPeriodStart"
        and details."BillingPeriodEnd" = periods."BillingPeriodEnd"
where
    (details."InvoiceIssueStatus" <> 'Open' and details."InvoiceIssueDate" is null)
    or (not invoices.is_credit_note and details."ReferenceInvoiceId" <> details."InvoiceId")
    or periods."BillingPeriodStatus" is null
