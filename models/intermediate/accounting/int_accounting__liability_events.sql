{#
    One row per service month that is closed, vendor, series and number: the month's corrections and what documents bill of
    it, in the order of the books. The corrections that a month posts come before its documents.

    A document without a rate is left out, and so are advances, which settle nothing. Taxes and credit notes are series of
    their own, as corrections have them.
#}
with

booked_corrections as (
    select * from {{ ref('int_accounting__booked_corrections') }}
),

document_lines as (
    select * from {{ ref('int_accounting__document_lines') }}
    where gl_purpose <> 'prepaid_expense' and fx_rate is not null
),

closed_months as (
    select period from {{ ref('int_close__periods') }}
    where is_closed
),

events as (
    select
        corrected_month as service_month,
        vendor,
        series,
        posting_month as posting_period,
        'correction' as event_type,
        cast(null as date) as issue_date,
        cast(null as {{ dbt.type_string() }}) as issuer,
        cast(null as {{ dbt.type_string() }}) as invoice_id,
        cast(null as bigint) as line_no,
        sum(correction_usd) as amount_usd
    from booked_corrections
    group by corrected_month, vendor, series, posting_month

    union all

    select
        document_lines.service_month,
        document_lines.vendor,
        case
            when document_lines.gl_purpose = 'input_tax' then 'tax'
            when document_lines.is_credit_note then 'credit'
            else document_lines.series
        end as series,
        document_lines.posting_period,
        case when document_lines.is_prior then 'prior_line' else 'own_line' end as event_type,
        document_lines.issue_date,
        document_lines.issuer,
        document_lines.invoice_id,
        document_lines.line_no,
        {{ proportion('document_lines.amount', 1, 'document_lines.fx_rate') }} as amount_usd
    from document_lines
    inner join closed_months
        on document_lines.service_month = closed_months.period
)

select
    service_month,
    vendor,
    series,
    row_number() over (
        partition by service_month, vendor, series
        order by
            posting_period,
            case event_type when 'correction' then 0 else 1 end,
            issue_date nulls first,
            {{ binary_order('issuer') }} nulls first,
            {{ binary_order('invoice_id') }} nulls first,
            line_no nulls first
    ) as event_number,
    event_type,
    posting_period,
    issuer,
    invoice_id,
    line_no,
    {{ money('amount_usd') }} as amount_usd
from events
