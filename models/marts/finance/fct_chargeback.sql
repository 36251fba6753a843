{#
    One row per billing month, vendor, series and cost center: what is charged, of months whose invoices are settled. What
    has no cost center is charged to UNALLOCATED; why is in fct_showback.

    A closed month shows what it was closed with, whatever has become known since: that is in known_now_usd, and is
    charged in the first open month, as a correction in a column of its own.
#}
with

allocation_months as (
    select * from {{ ref('int_allocation__months') }}
    where is_chargeable and billed_usd is not null
),

rules as (
    select * from {{ ref('int_allocation__rules') }}
),

periods as (
    select * from {{ ref('int_close__periods') }}
),

closed_figures as (
    select * from {{ ref('int_close__closed_figures') }}
    where figure = 'chargeback.amount_usd'
),

corrections as (
    select * from {{ ref('int_close__corrections') }}
    where figure = 'chargeback.amount_usd'
),

amounts as (
    select
        billing_month,
        {{ dbt.split_part('subject', "'|'", 2) }} as vendor,
        {{ dbt.split_part('subject', "'|'", 3) }} as series,
        {{ dbt.split_part('subject', "'|'", 1) }} as cost_center_key,
        closed_usd,
        known_now_usd,
        correction_usd
    from (
        select
            period as billing_month,
            subject,
            amount as closed_usd,
            {{ money('null') }} as known_now_usd,
            {{ money('null') }} as correction_usd
        from closed_figures

        union all

        select
            posting_month as billing_month,
            subject,
            null as closed_usd,
            null as known_now_usd,
            amount as correction_usd
        from corrections

        union all

        select
            billing_month,
            cost_center_key || '|' || vendor || '|' || series as subject,
            null as closed_usd,
            billed_usd as known_now_usd,
            null as correction_usd
        from allocation_months
    ) as figures
),

summed as (
    select
        billing_month,
        vendor,
        series,
        cost_center_key,
        sum(closed_usd) as closed_usd,
        sum(known_now_usd) as known_now_usd,
        sum(correction_usd) as correction_usd
    from amounts
    group by billing_month, vendor, series, cost_center_key
)

select
    summed.billing_month,
    summed.vendor,
    summed.series,
    summed.cost_center_key,
    {{ money('case
        when coalesce(periods.is_closed, false) then summed.closed_usd
        else summed.known_now_usd
    end') }} as amount_usd,
    {{ money('summed.known_now_usd') }} as known_now_usd,
    {{ money('summed.correction_usd') }} as corrections_of_closed_months_usd,
    rules.rule_version,
    coalesce(periods.is_closed, false) as is_closed,
    periods.version as close_version
from summed
left join periods
    on summed.billing_month = periods.period
left join rules
    on
        summed.billing_month = rules.billing_month
        and summed.vendor = rules.vendor
        and summed.series = rules.series
