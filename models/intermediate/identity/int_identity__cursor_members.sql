{{ config(enabled=var('cursor_enabled')) }}

{#
    One row per user id, e-mail and day on which a list named a member. Cursor forgets members who left, so every list
    that was ever read counts.
#}
with

members as (
    select * from {{ ref('stg_cursor__members') }}
),

spend as (
    select * from {{ ref('stg_cursor__spend') }}
),

billing_group_members as (
    select * from {{ ref('stg_cursor__billing_group_members') }}
),

named as (
    select user_key, email_key, snapshot_date from members
    union
    select user_key, email_key, snapshot_date from spend
    union
    select user_key, email_key, snapshot_date from billing_group_members
)

select
    user_key,
    email_key,
    snapshot_date
from named
where email_key is not null
