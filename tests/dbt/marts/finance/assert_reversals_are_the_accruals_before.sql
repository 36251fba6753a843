{#
    What a month takes back of the liability is what fct_accruals_monthly has for the month before, account by account, to
    the cent; and it is taken back once, in the month after.
#}
with

accruals as (
    select
        billing_month,
        issuer,
        billing_account_id,
        currency,
        case
            when {{ currency_subunit('currency') }} = 1 then {{ money('round(accrual_amount, 0)') }}
            else {{ money('round(accrual_amount, 2)') }}
        end as amount
    from {{ ref('fct_accruals_monthly') }}
),

taken_back as (
    select
        cast({{ dbt.dateadd('month', -1, 'posting_period') }} as date) as billing_month,
        issuer,
        billing_account_id,
        currency,
        sum(coalesce(amount_debit, 0) - coalesce(amount_credit, 0)) as amount
    from {{ ref('fct_journal_lines') }}
    where journal_type = 'reversal' and gl_purpose = 'accrued_liabilities'
    group by
        cast({{ dbt.dateadd('month', -1, 'posting_period') }} as date),
        issuer,
        billing_account_id,
        currency
),

keys as (
    select billing_month, issuer, billing_account_id, currency from accruals
    union
    select billing_month, issuer, billing_account_id, currency from taken_back
)

select
    keys.billing_month,
    keys.issuer,
    keys.billing_account_id,
    keys.currency,
    accruals.amount as accrued,
    taken_back.amount as taken_back
from keys
left join accruals
    on
        keys.billing_month = accruals.billing_month
        and keys.issuer = accruals.issuer
        and keys.billing_account_id = accruals.billing_account_id
        and keys.currency = accruals.currency
left join taken_back
    on
        keys.billing_month = taken_back.billing_month
        and keys.issuer = taken_back.issuer
        and keys.billing_account_id = taken_back.billing_account_id
        and keys.currency = taken_back.currency
where coalesce(accruals.amount, 0) <> coalesce(taken_back.amount, 0)
