{# What is allocated and what is not add up to what the vendors bill, of every month, vendor and series, to the last decimal. #}
with

spend_months as (
    select * from {{ ref('int_billing__spend_months') }}
),

allocated as (
    select
        billing_month,
        vendor,
        series,
        sum(billed_usd) as billed_usd
    from {{ ref('fct_showback') }}
    group by billing_month, vendor, series
)

select
    spend_months.billing_month,
    spend_months.vendor,
    spend_months.series,
    spend_months.billed_usd,
    allocated.billed_usd as allocated_usd
from spend_months
left join allocated
    on
        spend_months.billing_month = allocated.billing_month
        and spend_months.vendor = allocated.vendor
        and spend_months.series = allocated.series
where coalesce(spend_months.billed_usd, 0) <> coalesce(allocated.billed_usd, 0)
