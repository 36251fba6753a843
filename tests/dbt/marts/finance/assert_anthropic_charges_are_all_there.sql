{{ config(enabled=var('anthropic_enabled')) }}

{#
    Of every account and day, the charges are the amounts of the one cost report that speaks for it: to the last decimal,
    billed and at list, and row by row.
#}
with

staged as (
    select
        'analytics-cost' as report,
        account_id,
        usage_date,
        amount_usd,
        list_amount_usd
    from {{ ref('stg_anthropic__analytics_costs') }}

    union all

    select
        'user-cost' as report,
        account_id,
        usage_date,
        amount_usd,
        list_amount_usd
    from {{ ref('stg_anthropic__user_costs') }}

    union all

    select
        'cost-report' as report,
        account_id,
        usage_date,
        amount_usd,
        null as list_amount_usd
    from {{ ref('stg_anthropic__cost_report') }}
),

told as (
    select
        staged.account_id,
        staged.usage_date,
        count(*) as row_count,
        coalesce(sum(staged.amount_usd), 0) as billed_cost,
        coalesce(sum(staged.list_amount_usd), 0) as list_cost
    from staged
    inner join {{ ref('int_usage__anthropic_days') }} as days
        on
            staged.account_id = days.account_id
            and staged.usage_date = days.usage_date
            and staged.report = days.billed_report
    group by staged.account_id, staged.usage_date
),

charged as (
    select
        account_id,
        charge_date,
        count(*) as row_count,
        coalesce(sum(billed_cost), 0) as billed_cost,
        coalesce(sum(list_cost), 0) as list_cost
    from {{ ref('fct_billed_charges') }}
    where vendor = 'anthropic' and source_report in ('analytics-cost', 'user-cost', 'cost-report')
    group by account_id, charge_date
)

select
    told.account_id,
    told.usage_date,
    told.billed_cost as told_billed_cost,
    charged.billed_cost as charged_billed_cost
from told
full outer join charged
    on
        told.account_id = charged.account_id
        and told.usage_date = charged.charge_date
where
    coalesce(told.row_count, -1) <> coalesce(charged.row_count, -1)
    or told.billed_cost <> charged.billed_cost
    or told.list_cost <> charged.list_cost
