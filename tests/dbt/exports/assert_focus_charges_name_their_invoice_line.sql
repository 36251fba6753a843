{{ config(enabled=var('focus_version') == '1.4') }}

{# A charge names a line exactly where it names an invoice that finance knows, and that line is there. #}
with

charges as (
    select * from {{ ref('focus_cost_and_usage') }}
),

details as (
    select * from {{ ref('focus_invoice_detail') }}
),

lines_of_charges as (
    select
        charges."x_ChargeKey",
        charges."InvoiceId",
        charges."InvoiceDetailId",
        details."InvoiceId" as known_invoice_id
    from charges
    left join details
        on
            charges."InvoiceIssuerName" = details."InvoiceIssuerName"
            and charges."InvoiceId" = details."InvoiceId"
            and charges."InvoiceDetailId" = details."InvoiceDetailId"
)

select *
from lines_of_charges
where
    ("InvoiceDetailId" is not null and known_invoice_id is null)
    or ("InvoiceDetailId" is not null and "InvoiceId" is null)
