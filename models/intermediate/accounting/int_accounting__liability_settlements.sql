{{ config(materialized='table') }}

{#
    One row per service month that is closed, vendor, series and number: how much of the liability from corrections each
    event settles.

    What documents have billed of the corrections is what later ones bill of the month, and what its own bill beyond what it
    was closed with, in the direction of the corrections. It settles the liability as far as corrections have credited it. So
    a document that comes after its correction settles what it bills of it, and a correction that comes after its document
    is settled as far as that has billed it.
#}
with

liability_events as (
    select * from {{ ref('int_accounting__liability_events') }}
),

closed_amounts as (
    select * from {{ ref('int_accounting__closed_amounts') }}
),

so_far as (
    select
        *,
        sum(case event_type when 'correction' then amount_usd else 0 end) over books
            as corrected_so_far,
        sum(case event_type when 'prior_line' then amount_usd else 0 end) over books
            as prior_so_far,
        sum(case event_type when 'own_line' then amount_usd else 0 end) over books as own_so_far,
        sum(case event_type when 'own_line' then 1 else 0 end) over books as own_lines_so_far
    from liability_events
    window books as (partition by service_month, vendor, series order by event_number)
),

against_closing as (
    select
        so_far.*,
        so_far.own_so_far - coalesce(closed_amounts.closed_usd, 0) as beyond_closing
    from so_far
    left join closed_amounts
        on
            so_far.service_month = closed_amounts.period
            and so_far.vendor = closed_amounts.vendor
            and so_far.series = closed_amounts.series
),

{# A month that no document of its own has billed yet lacks nothing. #}
billed as (
    select
        *,
        prior_so_far + case
            when own_lines_so_far = 0 then 0
            when corrected_so_far > 0 and beyond_closing > 0 then beyond_closing
            when corrected_so_far < 0 and beyond_closing < 0 then beyond_closing
            else 0
        end as billed_so_far
    from against_closing
),

{# What is nearer to zero of the two, where both have one direction. #}
settled as (
    select
        *,
        case
            when corrected_so_far > 0 and billed_so_far > corrected_so_far then corrected_so_far
            when corrected_so_far > 0 and billed_so_far > 0 then billed_so_far
            when corrected_so_far < 0 and billed_so_far < corrected_so_far then corrected_so_far
            when corrected_so_far < 0 and billed_so_far < 0 then billed_so_far
            else 0
        end as settled_so_far
    from billed
)

select
    service_month,
    vendor,
    series,
    event_number,
    event_type,
    posting_period,
    issuer,
    invoice_id,
    line_no,
    amount_usd,
    {{ money('settled_so_far - coalesce(
        lag(settled_so_far) over (
            partition by service_month, vendor, series
            order by event_number
        ),
        0
    )') }} as settled_usd
from settled
