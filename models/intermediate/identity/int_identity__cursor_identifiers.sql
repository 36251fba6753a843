{{ config(enabled=var('cursor_enabled')) }}

{#
    One row per seat, matching step and identifier: its own e-mail, which Cursor has verified, and every other e-mail
    that the lists ever gave to the same user id.
#}
with

principals as (
    select * from {{ ref('int_identity__cursor_principals') }}
),

members as (
    select * from {{ ref('int_identity__cursor_members') }}
),

{# A list is read every day: joined as they are, the lists of a year would meet each other. #}
users as (
    select distinct
        user_key,
        email_key
    from members
    where user_key is not null
),

emails as (
    select principal_key, principal_key as identifier_key
    from principals
    where principal_kind = 'human_seat'

    union

    select own.email_key as principal_key, others.email_key as identifier_key
    from users as own
    inner join users as others
        on own.user_key = others.user_key
)

select
    principal_key,
    identifier_key,
    2 as match_step
from emails
