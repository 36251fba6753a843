{{ config(enabled=var('cursor_enabled')) }}

{#
    Of every account and day, what the events that count charge is what the charges list, and their number is the quantity.
    Cents become dollars once per charge, in nine decimals: each may be off by half of the last one, and no more. What is
    billed is the charge or nothing, and nothing only where a reason is given.
#}
with

told as (
    select
        account_id,
        usage_date,
        count(*) as events,
        {{ cents_to_usd('sum(charged_cents)') }} as charged_usd
    from {{ ref('int_usage__cursor_events') }}
    group by account_id, usage_date
),

charged as (
    select
        account_id,
        charge_date,
        count(*) as charges,
        sum(quantity) as events,
        sum(list_cost) as list_cost,
        sum(
            case
                when discount_reason is null and billed_cost is not distinct from list_cost then 0
                when discount_reason is not null and billed_cost = 0 then 0
                else 1
            end
        ) as odd_charges
    from {{ ref('fct_billed_charges') }}
    where vendor = 'cursor' and source_report in ('usage-events', 'usage-events-csv')
    group by account_id, charge_date
)

select
    told.account_id,
    told.usage_date,
    told.charged_usd,
    charged.list_cost,
    charged.odd_charges
from told
full outer join charged
    on
        told.account_id = charged.account_id
        and told.usage_date = charged.charge_date
where
    coalesce(told.events, -1) <> coalesce(charged.events, -1)
    or charged.odd_charges > 0
    or abs(coalesce(told.charged_usd, 0) - coalesce(charged.list_cost, 0)) * 1000000000
    > charged.charges
