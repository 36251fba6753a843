{{ config(materialized='table') }}

{#
    One row per issuer, billing account, month, vendor and series: the one invoice that bills it. That is the invoice whose
    lines of its own period name vendor and series, the earliest of several; a series that no line names is on the first
    invoice of the month. Credit notes and voided invoices bill no series.
#}
with

invoices as (
    select * from {{ ref('int_billing__invoices') }}
    where not is_credit_note and invoice_status <> 'voided'
),

invoice_lines as (
    select * from {{ ref('int_finance__invoice_lines') }}
),

accounts as (
    select * from {{ ref('int_billing__accounts') }}
),

invoices_in_order as (
    select
        *,
        row_number() over (
            partition by issuer, billing_account_id, billing_month
            order by issue_date asc nulls last, {{ binary_order('invoice_id') }}
        ) as invoice_number
    from invoices
),

account_vendors as (
    select
        issuer,
        billing_account_id,
        vendor
    from accounts

    union

    select
        invoices.issuer,
        invoices.billing_account_id,
        invoice_lines.vendor
    from invoices
    inner join invoice_lines
        on
            invoices.issuer = invoice_lines.issuer
            and invoices.invoice_id = invoice_lines.invoice_id
),

all_series as (
    {% for series in ['human_seat_fee', 'human_usage', 'machine_usage', 'tax', 'credit', 'other'] %}
    select '{{ series }}' as series
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
),

named_series as (
    select
        invoices_in_order.issuer,
        invoices_in_order.billing_account_id,
        invoices_in_order.billing_month,
        invoice_lines.vendor,
        invoice_lines.series,
        min(invoices_in_order.invoice_number) as invoice_number
    from invoices_in_order
    inner join invoice_lines
        on
            invoices_in_order.issuer = invoice_lines.issuer
            and invoices_in_order.invoice_id = invoice_lines.invoice_id
    where invoice_lines.service_end >= invoices_in_order.period_start
    group by
        invoices_in_order.issuer,
        invoices_in_order.billing_account_id,
        invoices_in_order.billing_month,
        invoice_lines.vendor,
        invoice_lines.series
),

months as (
    select
        issuer,
        billing_account_id,
        billing_month
    from invoices_in_order
    where invoice_number = 1
),

wanted_series as (
    select
        months.issuer,
        months.billing_account_id,
        months.billing_month,
        account_vendors.vendor,
        all_series.series
    from months
    inner join account_vendors
        on
            months.issuer = account_vendors.issuer
            and months.billing_account_id = account_vendors.billing_account_id
    cross join all_series
)

select
    wanted_series.issuer,
    wanted_series.billing_account_id,
    wanted_series.billing_month,
    wanted_series.vendor,
    wanted_series.series,
    invoices_in_order.invoice_id
from wanted_series
left join named_series
    on
        wanted_series.issuer = named_series.issuer
        and wanted_series.billing_account_id = named_series.billing_account_id
        and wanted_series.billing_month = named_series.billing_month
        and wanted_series.vendor = named_series.vendor
        and wanted_series.series = named_series.series
inner join invoices_in_order
    on
        wanted_series.issuer = invoices_in_order.issuer
        and wanted_series.billing_account_id = invoices_in_order.billing_account_id
        and wanted_series.billing_month = invoices_in_order.billing_month
        and coalesce(named_series.invoice_number, 1) = invoices_in_order.invoice_number
