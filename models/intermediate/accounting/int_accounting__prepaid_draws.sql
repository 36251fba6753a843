{{ config(materialized='table') }}

{#
    One row per issuer, billing account, currency, month and lot that anything was drawn from; UNFUNDED is use that no lot
    had credits for on its day.

    Lots are gone through in their order, each taking what those before it left of the days on which it was there, the day
    of expiry included, until it is empty. So a lot bought later, or granted later, never pays for use before it.
#}
with recursive

lots as (
    select * from {{ ref('int_accounting__prepaid_lots') }}
),

days as (
    select * from {{ ref('int_accounting__prepaid_days') }}
    where demand_amount > 0
),

draws as (
    select
        issuer,
        billing_account_id,
        currency,
        billing_month,
        usage_date,
        cast(0 as bigint) as lot_number,
        cast(null as {{ dbt.type_string() }}) as lot_id,
        {{ money('0') }} as drawn_amount,
        {{ money('demand_amount') }} as left_amount
    from days

    union all

    select
        taken.issuer,
        taken.billing_account_id,
        taken.currency,
        taken.billing_month,
        taken.usage_date,
        taken.lot_number,
        taken.lot_id,
        {{ money('taken.drawn_amount') }} as drawn_amount,
        {{ money('taken.left_amount - taken.drawn_amount') }} as left_amount
    from (
        select
            asked.*,
            case
                when asked.asked_so_far <= asked.available_amount then asked.asked_amount
                when asked.asked_so_far - asked.asked_amount >= asked.available_amount then 0
                else asked.available_amount - (asked.asked_so_far - asked.asked_amount)
            end as drawn_amount
        from (
            select
                on_days.*,
                sum(on_days.asked_amount) over (
                    partition by on_days.issuer, on_days.billing_account_id, on_days.currency
                    order by on_days.usage_date
                ) as asked_so_far
            from (
                select
                    draws.issuer,
                    draws.billing_account_id,
                    draws.currency,
                    draws.billing_month,
                    draws.usage_date,
                    draws.left_amount,
                    cast(lots.lot_number as bigint) as lot_number,
                    lots.lot_id,
                    lots.available_amount,
                    case
                        when
                            draws.usage_date >= lots.purchased_on
                            and (lots.expires_on is null or draws.usage_date <= lots.expires_on)
                            then draws.left_amount
                        else 0
                    end as asked_amount
                from draws
                inner join lots
                    on
                        draws.issuer = lots.issuer
                        and draws.billing_account_id = lots.billing_account_id
                        and draws.currency = lots.currency
                        and draws.lot_number + 1 = lots.lot_number
            ) as on_days
        ) as asked
    ) as taken
),

last_lots as (
    select
        issuer,
        billing_account_id,
        currency,
        max(lot_number) as lot_number
    from lots
    group by issuer, billing_account_id, currency
),

of_lots as (
    select
        issuer,
        billing_account_id,
        currency,
        billing_month,
        lot_id,
        drawn_amount
    from draws
    where drawn_amount > 0

    union all

    select
        draws.issuer,
        draws.billing_account_id,
        draws.currency,
        draws.billing_month,
        'UNFUNDED' as lot_id,
        draws.left_amount as drawn_amount
    from draws
    inner join last_lots
        on
            draws.issuer = last_lots.issuer
            and draws.billing_account_id = last_lots.billing_account_id
            and draws.currency = last_lots.currency
            and draws.lot_number = last_lots.lot_number
    where draws.left_amount > 0
)

select
    issuer,
    billing_account_id,
    currency,
    billing_month,
    lot_id,
    {{ money('sum(drawn_amount)') }} as drawn_amount
from of_lots
group by issuer, billing_account_id, currency, billing_month, lot_id
