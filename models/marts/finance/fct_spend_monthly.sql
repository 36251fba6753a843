{#
    One row per billing month, vendor and series: what the vendors' billing data charges, at list and billed, what the use
    is worth and the seats cost by contract, and what invoices say, side by side.

    A closed month stands as it was closed. What became known since is in the corrections of the month that they were
    posted to, in columns of their own: never in the figure of a closed month, and never added to the month's own. How many
    charges have no known amount is told of open months only: it is no amount, so closing does not keep it.
#}
with

spend_months as (
    select * from {{ ref('int_billing__spend_months') }}
),

periods as (
    select * from {{ ref('int_close__periods') }}
    where period_status in ('closed', 'soft_closed')
),

closed_figures as (
    select * from {{ ref('int_close__closed_figures') }}
    where figure like 'spend.%'
),

close_corrections as (
    select * from {{ ref('int_close__corrections') }}
    where figure like 'spend.%'
),

{# An open month is as known now. #}
figures as (
    select
        spend_months.billing_month,
        spend_months.vendor,
        spend_months.series,
        spend_months.billed_usd,
        spend_months.list_usd,
        spend_months.estimated_usd,
        spend_months.invoiced_usd,
        spend_months.unknown_charges,
        {{ money('null') }} as corrections_billed_usd,
        {{ money('null') }} as corrections_list_usd,
        {{ money('null') }} as corrections_estimated_usd,
        {{ money('null') }} as corrections_invoiced_usd
    from spend_months
    left join periods
        on spend_months.billing_month = periods.period
    where periods.period is null

    union all

    select
        closed_figures.period as billing_month,
        {{ dbt.split_part('closed_figures.subject', "'|'", 1) }} as vendor,
        {{ dbt.split_part('closed_figures.subject', "'|'", 2) }} as series,
        case when closed_figures.figure = 'spend.billed_usd' then closed_figures.amount end
            as billed_usd,
        case when closed_figures.figure = 'spend.list_usd' then closed_figures.amount end
            as list_usd,
        case when closed_figures.figure = 'spend.estimated_usd' then closed_figures.amount end
            as estimated_usd,
        case when closed_figures.figure = 'spend.invoiced_usd' then closed_figures.amount end
            as invoiced_usd,
        null as unknown_charges,
        null as corrections_billed_usd,
        null as corrections_list_usd,
        null as corrections_estimated_usd,
        null as corrections_invoiced_usd
    from closed_figures
    inner join periods
        on closed_figures.period = periods.period

    union all

    select
        posting_month as billing_month,
        {{ dbt.split_part('subject', "'|'", 1) }} as vendor,
        {{ dbt.split_part('subject', "'|'", 2) }} as series,
        null as billed_usd,
        null as list_usd,
        null as estimated_usd,
        null as invoiced_usd,
        null as unknown_charges,
        case when figure = 'spend.billed_usd' then amount end as corrections_billed_usd,
        case when figure = 'spend.list_usd' then amount end as corrections_list_usd,
        case when figure = 'spend.estimated_usd' then amount end as corrections_estimated_usd,
        case when figure = 'spend.invoiced_usd' then amount end as corrections_invoiced_usd
    from close_corrections
),

months as (
    select
        billing_month,
        vendor,
        series,
        sum(billed_usd) as billed_usd,
        sum(list_usd) as list_usd,
        sum(estimated_usd) as estimated_usd,
        sum(invoiced_usd) as invoiced_usd,
        sum(unknown_charges) as unknown_charges,
        sum(corrections_billed_usd) as corrections_billed_usd,
        sum(corrections_list_usd) as corrections_list_usd,
        sum(corrections_estimated_usd) as corrections_estimated_usd,
        sum(corrections_invoiced_usd) as corrections_invoiced_usd
    from figures
    group by billing_month, vendor, series
)

select
    months.billing_month,
    months.vendor,
    months.series,
    {{ money('months.billed_usd') }} as billed_usd,
    {{ money('months.list_usd') }} as list_usd,
    {{ money('months.estimated_usd') }} as estimated_usd,
    {{ money('months.invoiced_usd') }} as invoiced_usd,
    {{ money('months.corrections_billed_usd') }} as corrections_billed_usd,
    {{ money('months.corrections_list_usd') }} as corrections_list_usd,
    {{ money('months.corrections_estimated_usd') }} as corrections_estimated_usd,
    {{ money('months.corrections_invoiced_usd') }} as corrections_invoiced_usd,
    case
        when periods.period is null then cast(coalesce(months.unknown_charges, 0) as bigint)
    end as unknown_charges,
    periods.period is not null as is_closed
from months
left join periods
    on months.billing_month = periods.period
