{{ config(enabled=var('github_copilot_enabled')) }}

{#
    One row per GitHub user who holds a seat in the newest list of any account. GitHub lists a seat once for every
    organisation and team that grants it: the user holds one seat, since the first grant.
#}
with

current_reports as (
    select * from {{ ref('stg_github_copilot__current_reports') }}
),

seats as (
    select * from {{ ref('stg_github_copilot__seats') }}
),

newest_lists as (
    select
        account_id,
        max(report_date) as snapshot_date
    from current_reports
    where report = 'seats'
    group by account_id
)

select
    seats.user_key,
    min(cast(seats.created_at as date)) as seat_since_date,
    max(cast(seats.last_activity_at as date)) as last_activity_date,
    max(seats.snapshot_date) as snapshot_date
from seats
inner join newest_lists
    on
        seats.account_id = newest_lists.account_id
        and seats.snapshot_date = newest_lists.snapshot_date
where seats.user_key is not null
group by seats.user_key
