{# Every accrual is taken back in the next month, line by line: the two journals together leave every account at zero. #}
with

journal_lines as (
    select * from {{ ref('fct_journal_lines') }}
    where journal_type in ('accrual', 'reversal')
),

signed as (
    select
        reference,
        gl_purpose,
        cost_center_key,
        vendor,
        series,
        case
            when journal_type = 'accrual' then posting_period
            else cast({{ dbt.dateadd('month', -1, 'posting_period') }} as date)
        end as accrued_month,
        coalesce(amount_debit, 0) - coalesce(amount_credit, 0) as amount
    from journal_lines
)

select
    accrued_month,
    reference,
    gl_purpose,
    cost_center_key,
    vendor,
    series,
    sum(amount) as amount
from signed
group by accrued_month, reference, gl_purpose, cost_center_key, vendor, series
having sum(amount) <> 0
