{#
    Of every open month that is charged, the cost centers get what is due: what the vendor bills, what its
    contract adds and what credit notes give back, to the last decimal; of a closed one, what was closed.
#}
with

charged as (
    select
        billing_month,
        vendor,
        series,
        sum(amount_usd) as amount_usd
    from {{ ref('fct_chargeback') }}
    where not is_closed
    group by billing_month, vendor, series
),

shown as (
    select
        billing_month,
        vendor,
        series,
        sum(
            coalesce(billed_usd, 0) + coalesce(contract_fees_usd, 0) + coalesce(credit_notes_usd, 0)
        ) as due_usd
    from {{ ref('fct_showback') }}
    where is_chargeable and not is_closed
    group by billing_month, vendor, series
)

select
    shown.billing_month,
    shown.vendor,
    shown.series,
    shown.due_usd,
    charged.amount_usd
from shown
left join charged
    on
        shown.billing_month = charged.billing_month
        and shown.vendor = charged.vendor
        and shown.series = charged.series
where coalesce(shown.due_usd, 0) <> coalesce(charged.amount_usd, 0)

union all

select
    charged.billing_month,
    charged.vendor,
    charged.series,
    null as due_usd,
    charged.amount_usd
from charged
left join shown
    on
        charged.billing_month = shown.billing_month
        and charged.vendor = shown.vendor
        and charged.series = shown.series
where shown.vendor is null and charged.amount_usd is not null
