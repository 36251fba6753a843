{#
    One row per posting period, accrual or reversal, account, vendor and series: what is accrued on the last day of its
    month and taken back on the first of the next, at the rate of its month.
#}
with

accrued_shares as (
    select * from {{ ref('int_accounting__accrued_shares') }}
),

fx_rates as (
    select * from {{ ref('int_accounting__fx_rates') }}
),

postings as (
    select
        'accrual' as journal_type,
        1 as direction
    union all
    select
        'reversal' as journal_type,
        -1 as direction
),

dated_shares as (
    select
        *,
        {{ month_end('billing_month') }} as last_day,
        cast({{ dbt.dateadd('month', 1, 'billing_month') }} as date) as next_month
    from accrued_shares
)

select
    case postings.journal_type
        when 'accrual' then dated_shares.billing_month
        else dated_shares.next_month
    end as posting_period,
    postings.journal_type,
    dated_shares.issuer || '/' || dated_shares.billing_account_id || '/' || dated_shares.currency
        as reference,
    case postings.journal_type
        when 'accrual' then dated_shares.last_day
        else dated_shares.next_month
    end as posting_date,
    dated_shares.last_day as document_date,
    dated_shares.issuer,
    dated_shares.billing_account_id,
    cast(null as {{ dbt.type_string() }}) as invoice_id,
    dated_shares.billing_month,
    dated_shares.vendor,
    dated_shares.series,
    cast(null as {{ dbt.type_string() }}) as cost_center_key,
    case dated_shares.series
        when 'human_seat_fee' then 'ai_seat_expense'
        else 'ai_usage_expense'
    end as gl_purpose,
    'accrued_liabilities' as counter_purpose,
    dated_shares.currency,
    fx_rates.fx_rate,
    {{ money('postings.direction * dated_shares.accrued_amount') }} as amount
from dated_shares
cross join postings
left join fx_rates
    on
        dated_shares.billing_month = fx_rates.billing_month
        and dated_shares.currency = fx_rates.currency
