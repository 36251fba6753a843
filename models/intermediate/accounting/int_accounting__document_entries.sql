{#
    One row per posting period, document, vendor, series and account: what invoices and credit notes book. Of a line, what
    settles a liability from corrections is booked against it; the rest is an expense, an advance or a tax.
#}
with

document_lines as (
    select * from {{ ref('int_accounting__document_lines') }}
),

settlements as (
    select * from {{ ref('int_accounting__liability_settlements') }}
),

settled_lines as (
    select
        document_lines.*,
        case
            when coalesce(settlements.settled_usd, 0) = 0 then 0
            when settlements.settled_usd = settlements.amount_usd then document_lines.amount
            else {{ money('settlements.settled_usd * document_lines.fx_rate') }}
        end as settled_amount
    from document_lines
    left join settlements
        on
            document_lines.issuer = settlements.issuer
            and document_lines.invoice_id = settlements.invoice_id
            and document_lines.line_no = settlements.line_no
),

parts as (
    select true as is_settlement
    union all
    select false as is_settlement
),

{# A line that is all settlement has no other part; one of nothing is booked as it is. #}
line_parts as (
    select
        settled_lines.*,
        case
            when parts.is_settlement then 'accrued_liabilities'
            else settled_lines.gl_purpose
        end as part_purpose,
        case
            when parts.is_settlement then settled_lines.settled_amount
            else settled_lines.amount - settled_lines.settled_amount
        end as part_amount
    from settled_lines
    cross join parts
    where
        case
            when parts.is_settlement then settled_lines.settled_amount <> 0
            else
                settled_lines.settled_amount = 0
                or settled_lines.settled_amount <> settled_lines.amount
        end
),

entries as (
    select
        posting_period,
        case when is_credit_note then 'credit_note' else 'invoice' end as journal_type,
        issuer || '/' || invoice_id as reference,
        case
            when issue_date < billing_month then billing_month
            when posting_period = billing_month and issue_date > {{ month_end('billing_month') }}
                then {{ month_end('billing_month') }}
            else issue_date
        end as posting_date,
        issue_date as document_date,
        issuer,
        billing_account_id,
        invoice_id,
        billing_month,
        vendor,
        series,
        part_purpose as gl_purpose,
        currency,
        fx_rate,
        part_amount as amount
    from line_parts
)

select
    posting_period,
    journal_type,
    reference,
    posting_date,
    document_date,
    issuer,
    billing_account_id,
    invoice_id,
    billing_month,
    vendor,
    series,
    cast(null as {{ dbt.type_string() }}) as cost_center_key,
    gl_purpose,
    'accounts_payable' as counter_purpose,
    currency,
    fx_rate,
    {{ money('sum(amount)') }} as amount
from entries
group by
    posting_period,
    journal_type,
    reference,
    posting_date,
    document_date,
    issuer,
    billing_account_id,
    invoice_id,
    billing_month,
    vendor,
    series,
    gl_purpose,
    currency,
    fx_rate
