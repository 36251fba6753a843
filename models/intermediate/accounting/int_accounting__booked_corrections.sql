{#
    One row per posting month, corrected month, vendor, series and cost center: what a closed month turned out to be beside
    what it was closed with, to be booked. Where a month's cost centers were charged it is of them, else of none.

    A vendor whose accounts all pay in advance has none, for late use is drawn from the lots of its own month; where only
    some of its accounts do, late use of these is in both.
#}
with

corrections as (
    select * from {{ ref('int_close__corrections') }}
),

accounts as (
    select * from {{ ref('int_billing__accounts') }}
),

charged as (
    select
        posting_month,
        corrected_month,
        {{ dbt.split_part('subject', "'|'", 2) }} as vendor,
        {{ dbt.split_part('subject', "'|'", 3) }} as series,
        {{ dbt.split_part('subject', "'|'", 1) }} as cost_center_key,
        amount
    from corrections
    where figure = 'chargeback.amount_usd'
),

billed as (
    select
        posting_month,
        corrected_month,
        {{ dbt.split_part('subject', "'|'", 1) }} as vendor,
        {{ dbt.split_part('subject', "'|'", 2) }} as series,
        amount
    from corrections
    where figure = 'spend.billed_usd'
),

charged_series as (
    select distinct
        posting_month,
        corrected_month,
        vendor,
        series
    from charged
),

to_book as (
    select
        posting_month,
        corrected_month,
        vendor,
        series,
        cost_center_key,
        amount
    from charged

    union all

    select
        billed.posting_month,
        billed.corrected_month,
        billed.vendor,
        billed.series,
        null as cost_center_key,
        billed.amount
    from billed
    left join charged_series
        on
            billed.posting_month = charged_series.posting_month
            and billed.corrected_month = charged_series.corrected_month
            and billed.vendor = charged_series.vendor
            and billed.series = charged_series.series
    where charged_series.vendor is null
),

prepaid_vendors as (
    select vendor
    from accounts
    group by vendor
    having min(payment_model) = 'prepaid' and max(payment_model) = 'prepaid'
)

select
    to_book.posting_month,
    to_book.corrected_month,
    to_book.vendor,
    to_book.series,
    to_book.cost_center_key,
    to_book.amount as correction_usd
from to_book
left join prepaid_vendors
    on to_book.vendor = prepaid_vendors.vendor
where prepaid_vendors.vendor is null
