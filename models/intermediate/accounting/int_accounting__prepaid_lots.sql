{#
    One row per lot of prepaid credits, with its place in the order of consumption: granted lots first, then the earliest
    expiry. What a credit note on the lot's invoice gives back can not be drawn.
#}
with

prepaid_lots as (
    select * from {{ ref('int_finance__prepaid_lots') }}
),

credit_notes as (
    select * from {{ ref('int_billing__invoices') }}
    where is_credit_note and invoice_status = 'issued'
),

accounts as (
    select * from {{ ref('int_billing__accounts') }}
),

refunds as (
    select
        issuer,
        reference_invoice_id,
        sum(abs(net)) as refunded_amount,
        max(issue_date) as refunded_on
    from credit_notes
    group by issuer, reference_invoice_id
),

cycles as (
    select
        issuer,
        billing_account_id,
        min(vendor) as vendor,
        min(cycle_day) as cycle_day
    from accounts
    group by issuer, billing_account_id
),

{# A credit note says the invoice, not the lot: it is the last lot of it. #}
ranked_lots as (
    select
        prepaid_lots.*,
        row_number() over (
            partition by prepaid_lots.issuer, prepaid_lots.invoice_id
            order by
                case when prepaid_lots.kind = 'purchased' then 0 else 1 end,
                prepaid_lots.expires_on desc nulls first,
                {{ binary_order('prepaid_lots.lot_id') }}
        ) as refund_rank
    from prepaid_lots
)

select
    ranked_lots.issuer,
    ranked_lots.billing_account_id,
    ranked_lots.currency,
    ranked_lots.lot_id,
    cycles.vendor,
    ranked_lots.kind,
    ranked_lots.invoice_id,
    row_number() over (
        partition by ranked_lots.issuer, ranked_lots.billing_account_id, ranked_lots.currency
        order by
            case when ranked_lots.kind = 'granted' then 0 else 1 end,
            ranked_lots.expires_on nulls last,
            ranked_lots.purchased_on,
            {{ binary_order('ranked_lots.lot_id') }}
    ) as lot_number,
    ranked_lots.amount,
    {{ money('coalesce(refunds.refunded_amount, 0)') }} as refunded_amount,
    {{ money('ranked_lots.amount - coalesce(refunds.refunded_amount, 0)') }} as available_amount,
    ranked_lots.purchased_on,
    ranked_lots.expires_on,
    {{ billing_month('ranked_lots.purchased_on', 'coalesce(cycles.cycle_day, 1)') }}
        as purchase_month,
    {{ billing_month('ranked_lots.expires_on', 'coalesce(cycles.cycle_day, 1)') }} as expiry_month,
    {{ billing_month('refunds.refunded_on', 'coalesce(cycles.cycle_day, 1)') }} as refund_month
from ranked_lots
left join cycles
    on
        ranked_lots.issuer = cycles.issuer
        and ranked_lots.billing_account_id = cycles.billing_account_id
left join refunds
    on
        ranked_lots.issuer = refunds.issuer
        and ranked_lots.invoice_id = refunds.reference_invoice_id
        and ranked_lots.kind = 'purchased'
        and ranked_lots.refund_rank = 1
