{#
    One row per billing month, issuer, billing account, currency, vendor and series: its share of what is accrued, in
    proportion to what is known. The largest takes what cutting off leaves over, so the shares add up to the accrual.
#}
with

accruals as (
    select * from {{ ref('int_accounting__accruals') }}
    where accrual_amount <> 0
),

known_amounts as (
    select
        *,
        max(case when is_invoiced_at_close then 0 else 1 end) over (
            partition by billing_month, issuer, billing_account_id, currency
        ) as has_open
    from {{ ref('int_accounting__known_amounts') }}
    where known_amount is not null
),

{# An accrual is of what no invoice has billed in time; where all have, of what they billed too little. #}
accruable_amounts as (
    select * from known_amounts
    where has_open = 0 or not is_invoiced_at_close
),

ranked_amounts as (
    select
        accruals.billing_month,
        accruals.issuer,
        accruals.billing_account_id,
        accruals.currency,
        accruable_amounts.vendor,
        accruable_amounts.series,
        accruals.accrual_amount,
        accruable_amounts.known_amount,
        sum(accruable_amounts.known_amount) over (
            partition by
                accruals.billing_month,
                accruals.issuer,
                accruals.billing_account_id,
                accruals.currency
        ) as total_amount,
        row_number() over (
            partition by
                accruals.billing_month,
                accruals.issuer,
                accruals.billing_account_id,
                accruals.currency
            order by
                accruable_amounts.known_amount desc nulls last,
                {{ binary_order('accruable_amounts.vendor') }} nulls last,
                {{ binary_order('accruable_amounts.series') }}
        ) as share_rank
    from accruals
    inner join accruable_amounts
        on
            accruals.billing_month = accruable_amounts.billing_month
            and accruals.issuer = accruable_amounts.issuer
            and accruals.billing_account_id = accruable_amounts.billing_account_id
            and accruals.currency = accruable_amounts.currency
),

cut_shares as (
    select
        *,
        coalesce({{ proportion('accrual_amount', 'known_amount', 'total_amount') }}, 0)
            as cut_amount
    from ranked_amounts
),

remainders as (
    select
        *,
        accrual_amount - sum(cut_amount) over (
            partition by billing_month, issuer, billing_account_id, currency
        ) as left_over
    from cut_shares
)

select
    billing_month,
    issuer,
    billing_account_id,
    currency,
    vendor,
    series,
    {{ money('cut_amount + case when share_rank = 1 then left_over else 0 end') }} as accrued_amount
from remainders
