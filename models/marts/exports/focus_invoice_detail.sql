{#
    One row per line of an invoice, in FOCUS 1.4: the invoices and lines of finance. Open ones are provisional, voided
    ones are told too. What finance does not know when it was written stands at the invoice's date, that of an open
    invoice at the end of its period. A description with an e-mail address stays out.

    FOCUS wants terms of payment in every row. They are your invoice's own words, else the days until it is due; where
    your invoices tell neither, 'Not stated' is the one text here that stands for a null.
#}
with

invoices as (
    select * from {{ ref('int_billing__invoices') }}
),

invoice_lines as (
    select * from {{ ref('int_finance__invoice_lines') }}
),

accounts as (
    select
        issuer,
        billing_account_id,
        min(cycle_day) as cycle_day
    from {{ ref('int_billing__accounts') }}
    group by issuer, billing_account_id
),

dated_invoices as (
    select
        invoices.*,
        {{ billing_period_start('invoices.billing_month', 'coalesce(accounts.cycle_day, 1)') }}
            as starts_on,
        {{ billing_period_end('invoices.billing_month', 'coalesce(accounts.cycle_day, 1)') }}
            as ends_before,
        cast(coalesce(invoices.issue_date, invoices.period_end) as {{ dbt.type_timestamp() }})
            as written_at
    from invoices
    left join accounts
        on
            invoices.issuer = accounts.issuer
            and invoices.billing_account_id = accounts.billing_account_id
)

select
    invoice_lines.amount as "BilledCost",
    dated_invoices.billing_account_id as "BillingAccountId",
    dated_invoices.currency as "BillingCurrency",
    cast(dated_invoices.ends_before as {{ dbt.type_timestamp() }}) as "BillingPeriodEnd",
    cast(dated_invoices.starts_on as {{ dbt.type_timestamp() }}) as "BillingPeriodStart",
    invoice_lines.charge_category as "ChargeCategory",
    dated_invoices.written_at as "InvoiceDetailCreated",
    case
        when invoice_lines.line_description not like '%@%' then invoice_lines.line_description
    end as "InvoiceDetailDescription",
    '{'
    || case
        when invoice_lines.sku is not null
            then '"SkuId": "' || {{ json_text('invoice_lines.sku') }} || '", '
        else ''
    end
    || '"x_Series": "'
    || invoice_lines.series
    || '", "x_Vendor": "'
    || {{ json_text('invoice_lines.vendor') }}
    || '"}' as "InvoiceDetailGrain",
    cast(invoice_lines.line_no as {{ dbt.type_string() }}) as "InvoiceDetailId",
    dated_invoices.written_at as "InvoiceDetailLastUpdated",
    invoice_lines.invoice_id as "InvoiceId",
    cast(dated_invoices.issue_date as {{ dbt.type_timestamp() }}) as "InvoiceIssueDate",
    case dated_invoices.invoice_status
        when 'open' then 'Open'
        when 'issued' then 'Issued'
        when 'voided' then 'Voided'
    end as "InvoiceIssueStatus",
    invoice_lines.issuer as "InvoiceIssuerName",
    cast(dated_invoices.due_date as {{ dbt.type_timestamp() }}) as "PaymentDueDate",
    coalesce(
        dated_invoices.payment_terms,
        'Net '
        || cast(
            {{ days_between('dated_invoices.issue_date', 'dated_invoices.due_date') }}
            as {{ dbt.type_string() }}
        ),
        'Not stated'
    ) as "PaymentTerms",
    dated_invoices.purchase_order as "PurchaseOrderNumber",
    coalesce(dated_invoices.reference_invoice_id, dated_invoices.invoice_id)
        as "ReferenceInvoiceId",
    invoice_lines.series as "x_Series",
    invoice_lines.vendor as "x_Vendor"
from invoice_lines
inner join dated_invoices
    on
        invoice_lines.issuer = dated_invoices.issuer
        and invoice_lines.invoice_id = dated_invoices.invoice_id
