{#
    One row per posting period, correction or settlement, corrected month, vendor, series and cost center: what closed months
    turned out to be. A correction credits the liability. Where a document was booked first, a settlement takes the
    correction back as far as the document has billed it.
#}
with

booked_corrections as (
    select * from {{ ref('int_accounting__booked_corrections') }}
),

settled_corrections as (
    select * from {{ ref('int_accounting__liability_settlements') }}
    where event_type = 'correction' and settled_usd <> 0
),

changes as (
    select
        'correction' as journal_type,
        posting_month as posting_period,
        corrected_month as billing_month,
        vendor,
        series,
        cost_center_key,
        correction_usd as amount_usd
    from booked_corrections

    union all

    select
        'settlement' as journal_type,
        posting_period,
        service_month as billing_month,
        vendor,
        series,
        null as cost_center_key,
        -settled_usd as amount_usd
    from settled_corrections
)

select
    posting_period,
    journal_type,
    'closed ' || substr(cast(billing_month as {{ dbt.type_string() }}), 1, 7) || '/' || vendor
        as reference,
    {{ month_end('posting_period') }} as posting_date,
    {{ month_end('posting_period') }} as document_date,
    cast(null as {{ dbt.type_string() }}) as issuer,
    cast(null as {{ dbt.type_string() }}) as billing_account_id,
    cast(null as {{ dbt.type_string() }}) as invoice_id,
    billing_month,
    vendor,
    series,
    cost_center_key,
    case series
        when 'human_seat_fee' then 'ai_seat_expense'
        when 'tax' then 'input_tax'
        else 'ai_usage_expense'
    end as gl_purpose,
    'accrued_liabilities' as counter_purpose,
    'USD' as currency,
    {{ money('1') }} as fx_rate,
    {{ money('amount_usd') }} as amount
from changes
