{#
    One row per closed month, vendor and series: what the month was closed with, in dollars. What was charged to cost
    centers counts, else what was billed.
#}
with

closed_figures as (
    select * from {{ ref('int_close__closed_figures') }}
),

closed_subjects as (
    select
        period,
        {{ dbt.split_part('subject', "'|'", 2) }} as vendor,
        {{ dbt.split_part('subject', "'|'", 3) }} as series,
        amount as charged_usd,
        {{ money('null') }} as billed_usd
    from closed_figures
    where figure = 'chargeback.amount_usd'

    union all

    select
        period,
        {{ dbt.split_part('subject', "'|'", 1) }} as vendor,
        {{ dbt.split_part('subject', "'|'", 2) }} as series,
        {{ money('null') }} as charged_usd,
        amount as billed_usd
    from closed_figures
    where figure = 'spend.billed_usd'
)

select
    period,
    vendor,
    series,
    {{ money('coalesce(sum(charged_usd), sum(billed_usd))') }} as closed_usd
from closed_subjects
group by period, vendor, series
