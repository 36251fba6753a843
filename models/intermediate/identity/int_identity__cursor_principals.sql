{{ config(materialized='table', enabled=var('cursor_enabled')) }}

{#
    One row per principal that Cursor's events, activity or lists have named: seats, service accounts, automations and
    people's cloud agents. The e-mail that a service account's or an automation's events carry names no seat.
#}
with

event_days as (
    select * from {{ ref('int_usage__cursor_event_days') }}
),

activity as (
    select * from {{ ref('int_usage__cursor_activity') }}
),

members as (
    select * from {{ ref('int_identity__cursor_members') }}
),

sightings as (
    select
        principal_key,
        principal_kind,
        owner_principal_key,
        name_hints,
        usage_date as seen_date
    from event_days

    union all

    select
        owner_principal_key as principal_key,
        'human_seat' as principal_kind,
        null as owner_principal_key,
        null as name_hints,
        usage_date as seen_date
    from event_days
    where owner_principal_key is not null

    union all

    select
        principal_key,
        case when principal_key = 'unattributed' then 'unattributed' else 'human_seat' end
            as principal_kind,
        null as owner_principal_key,
        null as name_hints,
        usage_date as seen_date
    from activity

    union all

    select
        email_key as principal_key,
        'human_seat' as principal_kind,
        null as owner_principal_key,
        null as name_hints,
        snapshot_date as seen_date
    from members
)

select
    principal_key,
    principal_kind,
    case
        when principal_kind = 'service_account' then 'api_key'
        when principal_kind = 'human_seat' or owner_principal_key is not null then 'seat'
        else 'unknown'
    end as auth_mode,
    'cursor_account' as account_source,
    owner_principal_key,
    max(name_hints) as name_hints,
    cast(null as {{ dbt.type_string() }}) as workspace_name,
    min(seen_date) as first_seen_date,
    max(seen_date) as last_seen_date
from sightings
group by principal_key, principal_kind, owner_principal_key
