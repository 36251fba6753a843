{{ config(enabled=var('cursor_enabled')) }}

{#
    One row per Cursor account that holds a paid seat in the newest list of members. Cursor does not say since when: a
    member whom the first list did not have came with the list that had him first, the others were always there.
#}
with

current_reports as (
    select * from {{ ref('stg_cursor__current_reports') }}
),

members as (
    select * from {{ ref('stg_cursor__members') }}
),

lists as (
    select
        account_id,
        min(report_date) as first_list_date,
        max(report_date) as newest_list_date
    from current_reports
    where report = 'members'
    group by account_id
),

{# An owner who is no member works in nobody's seat; somebody who was removed is sometimes still listed. #}
listed_seats as (
    select *
    from members
    where
        email_key is not null
        and not coalesce(is_removed, false)
        and coalesce(role, 'member') not in ('free-owner', 'removed')
),

seats as (
    select
        listed_seats.email_key as principal_key,
        min(
            case
                when listed_seats.snapshot_date > lists.first_list_date
                    then listed_seats.snapshot_date
            end
        ) as later_list_date,
        max(
            case when listed_seats.snapshot_date = lists.first_list_date then 1 else 0 end
        ) as was_in_first_list,
        max(
            case when listed_seats.snapshot_date = lists.newest_list_date then 1 else 0 end
        ) as is_in_newest_list,
        max(listed_seats.snapshot_date) as snapshot_date
    from listed_seats
    inner join lists
        on listed_seats.account_id = lists.account_id
    group by listed_seats.email_key
)

select
    principal_key,
    case when was_in_first_list = 0 then later_list_date end as seat_since_date,
    cast(null as date) as last_activity_date,
    snapshot_date
from seats
where is_in_newest_list = 1
