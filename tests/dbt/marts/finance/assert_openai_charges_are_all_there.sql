{{ config(enabled=var('openai_enabled')) }}

{# Of every account, day and currency, the charges are OpenAI's costs, credits among them, to the last decimal. #}
with

told as (
    select
        account_id,
        usage_date,
        upper(coalesce(currency, 'usd')) as currency,
        count(*) as row_count,
        coalesce(sum(amount), 0) as billed_cost
    from {{ ref('stg_openai__costs') }}
    group by account_id, usage_date, upper(coalesce(currency, 'usd'))
),

charged as (
    select
        account_id,
        charge_date,
        billing_currency,
        count(*) as row_count,
        coalesce(sum(billed_cost), 0) as billed_cost
    from {{ ref('fct_billed_charges') }}
    where vendor = 'openai' and source_report = 'costs'
    group by account_id, charge_date, billing_currency
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
        and told.currency = charged.billing_currency
where
    coalesce(told.row_count, -1) <> coalesce(charged.row_count, -1)
    or told.billed_cost <> charged.billed_cost
