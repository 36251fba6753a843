{{ config(materialized='table') }}

{#
    One row per vendor, account, plan, principal and stretch of lists that have the seat: from when to when it was held.

    A seat of the first list counts from the day that the vendor gives, and where it gives none it was always there. A
    seat that comes with a later list counts from the day given, unless the list before that day lacked it: then from
    the list that had it first. A seat that the newest list has is still held; any other ended with the last that had it.
#}
with

listings as (
    select * from {{ ref('int_seats__listings') }}
),

lists as (
    select
        vendor,
        account_id,
        list_date,
        row_number() over (partition by vendor, account_id order by list_date) as list_number,
        lag(list_date) over (partition by vendor, account_id order by list_date)
            as previous_list_date,
        max(list_date) over (partition by vendor, account_id) as newest_list_date
    from listings
    group by vendor, account_id, list_date
),

numbered as (
    select
        listings.vendor,
        listings.account_id,
        listings.plan_name,
        listings.principal_key,
        listings.list_date,
        listings.seat_since_date,
        lists.list_number,
        lists.previous_list_date,
        lists.newest_list_date,
        lists.list_number - row_number() over (
            partition by
                listings.vendor, listings.account_id, listings.plan_name, listings.principal_key
            order by listings.list_date
        ) as stretch
    from listings
    inner join lists
        on
            listings.vendor = lists.vendor
            and listings.account_id = lists.account_id
            and listings.list_date = lists.list_date
    where listings.principal_key is not null
),

stretches as (
    select
        vendor,
        account_id,
        plan_name,
        principal_key,
        min(list_number) as first_list_number,
        min(seat_since_date) as seat_since_date,
        min(previous_list_date) as previous_list_date,
        min(list_date) as first_list_date,
        max(list_date) as last_list_date,
        max(newest_list_date) as newest_list_date
    from numbered
    group by vendor, account_id, plan_name, principal_key, stretch
)

select
    vendor,
    account_id,
    plan_name,
    principal_key,
    case
        when first_list_number = 1 then seat_since_date
        when seat_since_date > previous_list_date and seat_since_date <= first_list_date
            then seat_since_date
        else first_list_date
    end as starts_on,
    case when last_list_date < newest_list_date then last_list_date end as ends_on,
    first_list_date,
    last_list_date
from stretches
