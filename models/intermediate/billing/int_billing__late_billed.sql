{#
    One row per invoice line for days before the invoice's own period, and how much of it the charges of those days back:
    what the vendor's billing data now has for the earlier month, beyond what the earlier invoice billed. The backed part
    belongs to the earlier month; it is no fault of either invoice. The smallest unit of the currency is left out of
    account: the earlier invoice rounded too. Where the earlier month has no invoice among yours, nobody knows what it
    billed, and nothing is backed. Two lines for one month share what there is, in the
    order of the invoices.
#}
with

invoices as (
    select * from {{ ref('int_billing__invoices') }}
    where not is_credit_note and invoice_status <> 'voided'
),

invoice_lines as (
    select
        *,
        case
            when series in ('human_usage', 'machine_usage', 'other') then 'usage'
            else series
        end as series_group
    from {{ ref('int_finance__invoice_lines') }}
    where series <> 'tax'
),

accounts as (
    select * from {{ ref('int_billing__accounts') }}
),

invoice_series as (
    select * from {{ ref('int_billing__invoice_series') }}
),

charges as (
    select
        *,
        case when comparison_key is not null then 'usage' else series end as series_group
    from {{ ref('int_billing__reconciliation_charges') }}
),

cycle_days as (
    select
        issuer,
        billing_account_id,
        min(cycle_day) as cycle_day
    from accounts
    group by issuer, billing_account_id
),

own_lines as (
    select
        {{ reconciliation_key(
            'invoices.issuer',
            'invoices.billing_account_id',
            'invoices.billing_month',
            'invoices.invoice_id'
        ) }}
            as reconciliation_key,
        invoice_lines.vendor,
        invoice_lines.series_group,
        sum(invoice_lines.amount) as invoiced_amount
    from invoice_lines
    inner join invoices
        on
            invoice_lines.issuer = invoices.issuer
            and invoice_lines.invoice_id = invoices.invoice_id
    where invoice_lines.service_end >= invoices.period_start
    group by
        invoices.issuer,
        invoices.billing_account_id,
        invoices.billing_month,
        invoices.invoice_id,
        invoice_lines.vendor,
        invoice_lines.series_group
),

charged as (
    select
        reconciliation_key,
        vendor,
        series_group,
        sum(billed_amount) as billed_amount
    from charges
    group by reconciliation_key, vendor, series_group
),

earlier_lines as (
    select
        invoices.issuer,
        invoices.billing_account_id,
        invoices.billing_month,
        invoices.invoice_id,
        invoices.issue_date,
        invoices.currency,
        invoice_lines.line_no,
        invoice_lines.vendor,
        invoice_lines.series,
        invoice_lines.series_group,
        invoice_lines.amount,
        invoice_lines.service_end,
        {{ billing_month('invoice_lines.service_end', 'coalesce(cycle_days.cycle_day, 1)') }}
            as service_month
    from invoice_lines
    inner join invoices
        on
            invoice_lines.issuer = invoices.issuer
            and invoice_lines.invoice_id = invoices.invoice_id
    left join cycle_days
        on
            invoices.issuer = cycle_days.issuer
            and invoices.billing_account_id = cycle_days.billing_account_id
    where invoice_lines.service_end < invoices.period_start
),

placed as (
    select
        {{ reconciliation_key(
            'earlier_lines.issuer',
            'earlier_lines.billing_account_id',
            'earlier_lines.billing_month',
            'earlier_lines.invoice_id'
        ) }}
            as reconciliation_key,
        {{ reconciliation_key(
            'earlier_lines.issuer',
            'earlier_lines.billing_account_id',
            'earlier_lines.service_month',
            'invoice_series.invoice_id'
        ) }}
            as earlier_key,
        invoice_series.invoice_id as earlier_invoice_id,
        earlier_lines.issuer,
        earlier_lines.invoice_id,
        earlier_lines.issue_date,
        earlier_lines.currency,
        earlier_lines.line_no,
        earlier_lines.vendor,
        earlier_lines.series,
        earlier_lines.series_group,
        earlier_lines.amount,
        earlier_lines.service_end
    from earlier_lines
    left join invoice_series
        on
            earlier_lines.issuer = invoice_series.issuer
            and earlier_lines.billing_account_id = invoice_series.billing_account_id
            and earlier_lines.service_month = invoice_series.billing_month
            and earlier_lines.vendor = invoice_series.vendor
            and earlier_lines.series = invoice_series.series
),

rests as (
    select
        placed.*,
        coalesce(charged.billed_amount, 0) - coalesce(own_lines.invoiced_amount, 0)
        + placed.amount
        - sum(placed.amount) over (
            partition by placed.earlier_key, placed.vendor, placed.series_group
            order by
                placed.issue_date asc nulls last,
                {{ binary_order('placed.invoice_id') }},
                placed.line_no asc
            rows between unbounded preceding and current row
        ) as rest
    from placed
    left join charged
        on
            placed.earlier_key = charged.reconciliation_key
            and placed.vendor = charged.vendor
            and placed.series_group = charged.series_group
    left join own_lines
        on
            placed.earlier_key = own_lines.reconciliation_key
            and placed.vendor = own_lines.vendor
            and placed.series_group = own_lines.series_group
),

backed as (
    select
        *,
        case
            when earlier_invoice_id is null then 0
            when abs(rest) <= {{ currency_subunit('currency') }} then 0
            when amount > 0 and rest < 0 then 0
            when amount < 0 and rest > 0 then 0
            when abs(amount) - abs(rest) > {{ currency_subunit('currency') }} then rest
            else amount
        end as backed_amount
    from rests
)

select
    reconciliation_key,
    earlier_key,
    issuer,
    invoice_id,
    line_no,
    vendor,
    series,
    amount as invoiced_amount,
    {{ money('backed_amount') }} as backed_amount,
    service_end
from backed
