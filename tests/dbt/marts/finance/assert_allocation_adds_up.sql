{#
    What is allocated and what is not add up to what the vendors bill, to what their contracts add and to what credit notes
    give back, of every month, vendor and series, to the last decimal.
#}
with

due as (
    select
        billing_month,
        vendor,
        series,
        'billed' as what,
        billed_usd as amount
    from {{ ref('int_billing__spend_months') }}

    union all

    select
        billing_month,
        vendor,
        series,
        'contract' as what,
        contract_fees_usd as amount
    from {{ ref('int_allocation__contract_amounts') }}

    union all

    select
        billing_month,
        vendor,
        series,
        'credit notes' as what,
        credit_notes_usd as amount
    from {{ ref('int_allocation__contract_amounts') }}
),

allocated as (
    select
        billing_month,
        vendor,
        series,
        sum(billed_usd) as billed_usd,
        sum(contract_fees_usd) as contract_fees_usd,
        sum(credit_notes_usd) as credit_notes_usd
    from {{ ref('fct_showback') }}
    group by billing_month, vendor, series
)

select
    due.billing_month,
    due.vendor,
    due.series,
    due.what,
    due.amount
from due
left join allocated
    on
        due.billing_month = allocated.billing_month
        and due.vendor = allocated.vendor
        and due.series = allocated.series
where
    coalesce(due.amount, 0) <> coalesce(
        case due.what
            when 'billed' then allocated.billed_usd
            when 'contract' then allocated.contract_fees_usd
            else allocated.credit_notes_usd
        end,
        0
    )
