{{ config(materialized='table') }}

{#
    One row per issuer, billing account, currency, lot and billing month, from the purchase until nothing is left: what
    came, what went and what is left. What an expired lot still had expires in the month of its last day. UNFUNDED is a
    liability and below zero: vendors set it off against the next purchase, so an account's balance is the sum of its lots.
#}
with

lots as (
    select * from {{ ref('int_accounting__prepaid_lots') }}
),

draws as (
    select * from {{ ref('int_accounting__prepaid_draws') }}
),

calendar as (
    select * from {{ ref('int_calendar__days') }}
),

months as (
    select distinct cast({{ dbt.date_trunc('month', 'date_day') }} as date) as billing_month
    from calendar

    union

    select billing_month from draws
),

drawn_totals as (
    select
        issuer,
        billing_account_id,
        currency,
        lot_id,
        sum(drawn_amount) as drawn_amount
    from draws
    group by issuer, billing_account_id, currency, lot_id
),

movements as (
    select
        issuer,
        billing_account_id,
        currency,
        lot_id,
        kind,
        purchase_month as billing_month,
        case when kind = 'purchased' then amount else 0 end as purchased_amount,
        case when kind = 'granted' then amount else 0 end as granted_amount,
        0 as drawn_amount,
        0 as expired_amount,
        0 as refunded_amount
    from lots

    union all

    select
        draws.issuer,
        draws.billing_account_id,
        draws.currency,
        draws.lot_id,
        coalesce(lots.kind, 'unfunded') as kind,
        draws.billing_month,
        0 as purchased_amount,
        0 as granted_amount,
        draws.drawn_amount,
        0 as expired_amount,
        0 as refunded_amount
    from draws
    left join lots
        on
            draws.issuer = lots.issuer
            and draws.billing_account_id = lots.billing_account_id
            and draws.currency = lots.currency
            and draws.lot_id = lots.lot_id

    union all

    select
        lots.issuer,
        lots.billing_account_id,
        lots.currency,
        lots.lot_id,
        lots.kind,
        lots.expiry_month as billing_month,
        0 as purchased_amount,
        0 as granted_amount,
        0 as drawn_amount,
        lots.available_amount - coalesce(drawn_totals.drawn_amount, 0) as expired_amount,
        0 as refunded_amount
    from lots
    left join drawn_totals
        on
            lots.issuer = drawn_totals.issuer
            and lots.billing_account_id = drawn_totals.billing_account_id
            and lots.currency = drawn_totals.currency
            and lots.lot_id = drawn_totals.lot_id
    where lots.expires_on < {{ as_of_date() }}

    union all

    select
        issuer,
        billing_account_id,
        currency,
        lot_id,
        kind,
        refund_month as billing_month,
        0 as purchased_amount,
        0 as granted_amount,
        0 as drawn_amount,
        0 as expired_amount,
        refunded_amount
    from lots
    where refunded_amount <> 0
),

lot_starts as (
    select
        issuer,
        billing_account_id,
        currency,
        lot_id,
        kind,
        min(billing_month) as first_month
    from movements
    group by issuer, billing_account_id, currency, lot_id, kind
),

monthly as (
    select
        months.billing_month,
        lot_starts.issuer,
        lot_starts.billing_account_id,
        lot_starts.currency,
        lot_starts.lot_id,
        lot_starts.kind,
        coalesce(sum(movements.purchased_amount), 0) as purchased_amount,
        coalesce(sum(movements.granted_amount), 0) as granted_amount,
        coalesce(sum(movements.drawn_amount), 0) as drawn_amount,
        coalesce(sum(movements.expired_amount), 0) as expired_amount,
        coalesce(sum(movements.refunded_amount), 0) as refunded_amount
    from lot_starts
    inner join months
        on lot_starts.first_month <= months.billing_month
    left join movements
        on
            lot_starts.issuer = movements.issuer
            and lot_starts.billing_account_id = movements.billing_account_id
            and lot_starts.currency = movements.currency
            and lot_starts.lot_id = movements.lot_id
            and months.billing_month = movements.billing_month
    group by
        months.billing_month,
        lot_starts.issuer,
        lot_starts.billing_account_id,
        lot_starts.currency,
        lot_starts.lot_id,
        lot_starts.kind
),

balances as (
    select
        *,
        sum(purchased_amount + granted_amount - drawn_amount - expired_amount - refunded_amount)
            over (
                partition by issuer, billing_account_id, currency, lot_id
                order by billing_month
            ) as closing_amount
    from monthly
),

rolled as (
    select
        *,
        closing_amount
        - (purchased_amount + granted_amount - drawn_amount - expired_amount - refunded_amount)
            as opening_amount
    from balances
)

select
    rolled.billing_month,
    rolled.issuer,
    rolled.billing_account_id,
    rolled.currency,
    rolled.lot_id,
    rolled.kind,
    lots.purchased_on,
    lots.expires_on,
    {{ money('rolled.opening_amount') }} as opening_amount,
    {{ money('rolled.purchased_amount') }} as purchased_amount,
    {{ money('rolled.granted_amount') }} as granted_amount,
    {{ money('0') }} as adjusted_amount,
    {{ money('rolled.drawn_amount') }} as drawn_amount,
    {{ money('rolled.expired_amount') }} as expired_amount,
    {{ money('rolled.refunded_amount') }} as refunded_amount,
    {{ money('rolled.closing_amount') }} as closing_amount
from rolled
left join lots
    on
        rolled.issuer = lots.issuer
        and rolled.billing_account_id = lots.billing_account_id
        and rolled.currency = lots.currency
        and rolled.lot_id = lots.lot_id
where
    rolled.opening_amount <> 0
    or rolled.purchased_amount <> 0
    or rolled.granted_amount <> 0
    or rolled.drawn_amount <> 0
    or rolled.expired_amount <> 0
    or rolled.refunded_amount <> 0
