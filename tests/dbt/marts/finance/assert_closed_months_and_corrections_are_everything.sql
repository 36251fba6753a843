{#
    In every series, what the months show and the corrections posted in them add up to what is known now, whichever months
    are closed: nothing is lost by closing, and nothing is counted twice.
#}
with

sides as (
    select
        vendor,
        series,
        coalesce(billed_usd, 0) + coalesce(corrections_billed_usd, 0) as billed_usd,
        coalesce(list_usd, 0) + coalesce(corrections_list_usd, 0) as list_usd,
        coalesce(estimated_usd, 0) + coalesce(corrections_estimated_usd, 0) as estimated_usd,
        coalesce(invoiced_usd, 0) + coalesce(corrections_invoiced_usd, 0) as invoiced_usd
    from {{ ref('fct_spend_monthly') }}
    union all
    select
        vendor,
        series,
        -coalesce(billed_usd, 0) as billed_usd,
        -coalesce(list_usd, 0) as list_usd,
        -coalesce(estimated_usd, 0) as estimated_usd,
        -coalesce(invoiced_usd, 0) as invoiced_usd
    from {{ ref('int_billing__spend_months') }}
)

select
    vendor,
    series,
    sum(billed_usd) as billed_usd,
    sum(list_usd) as list_usd,
    sum(estimated_usd) as estimated_usd,
    sum(invoiced_usd) as invoiced_usd
from sides
group by vendor, series
having
    sum(billed_usd) <> 0
    or sum(list_usd) <> 0
    or sum(estimated_usd) <> 0
    or sum(invoiced_usd) <> 0
