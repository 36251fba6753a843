{{ config(materialized='table') }}

{#
    One row per issuer, document and line of what is issued: the account that it belongs to, the month that it is of and the
    month that it is posted in.

    A document issued by the day on which the books close is posted in its own month, a later one in the month it is issued
    in. A prior line bills service that ended before its invoice's period, and is of the month in which it ended. A credit
    note has none: it is of its own month's credits.
#}
with

invoices as (
    select * from {{ ref('int_billing__invoices') }}
    where invoice_status = 'issued'
),

invoice_lines as (
    select * from {{ ref('int_finance__invoice_lines') }}
),

prepaid_lots as (
    select * from {{ ref('int_accounting__prepaid_lots') }}
),

lot_invoices as (
    select distinct issuer, invoice_id
    from prepaid_lots
    where invoice_id is not null and kind = 'purchased'
),

{# A credit note gives back of the lots that the invoice it refers to has sold. #}
documents as (
    select
        invoices.*,
        lot_invoices.invoice_id is not null as is_of_lots,
        case
            when invoices.issue_date <= {{ books_close_on('invoices.billing_month') }}
                then invoices.billing_month
            else cast({{ dbt.date_trunc('month', 'invoices.issue_date') }} as date)
        end as posting_period
    from invoices
    left join lot_invoices
        on
            invoices.issuer = lot_invoices.issuer
            and case
                when invoices.is_credit_note then invoices.reference_invoice_id
                else invoices.invoice_id
            end = lot_invoices.invoice_id
),

document_lines as (
    select
        documents.*,
        invoice_lines.line_no,
        invoice_lines.vendor,
        invoice_lines.series,
        invoice_lines.charge_category,
        invoice_lines.service_end,
        invoice_lines.amount,
        coalesce(
            not documents.is_credit_note and documents.period_start > invoice_lines.service_end,
            false
        ) as is_prior
    from documents
    inner join invoice_lines
        on
            documents.issuer = invoice_lines.issuer
            and documents.invoice_id = invoice_lines.invoice_id
)

select
    issuer,
    billing_account_id,
    invoice_id,
    line_no,
    is_credit_note,
    billing_month,
    currency,
    {{ money('coalesce(fx_rate, booked_fx_rate)') }} as fx_rate,
    issue_date,
    posting_period,
    vendor,
    series,
    case
        when charge_category = 'Tax' or series = 'tax' then 'input_tax'
        when
            is_of_lots
            and (is_credit_note or charge_category = 'Purchase')
            and series <> 'human_seat_fee'
            then 'prepaid_expense'
        when series = 'human_seat_fee' then 'ai_seat_expense'
        else 'ai_usage_expense'
    end as gl_purpose,
    is_prior,
    case
        when is_prior then cast({{ dbt.date_trunc('month', 'service_end') }} as date)
        else billing_month
    end as service_month,
    {{ money('amount') }} as amount
from document_lines
