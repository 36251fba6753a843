{{ config(materialized='table', enabled=var('anthropic_enabled')) }}

{#
    One row per principal that any report or list has named: users, keys, service accounts, federated identities, and
    what nobody can be named for. Whoever has a seat anywhere is a seat.
#}
with

reported as (
    select * from {{ ref('int_usage__anthropic_rows') }}
),

claude_code_rows as (
    select * from {{ ref('int_usage__anthropic_claude_code_rows') }}
),

activity as (
    select * from {{ ref('int_usage__anthropic_activity') }}
),

users as (
    select * from {{ ref('int_identity__anthropic_users') }}
),

api_keys as (
    select * from {{ ref('stg_anthropic__api_keys') }}
),

service_accounts as (
    select * from {{ ref('stg_anthropic__service_accounts') }}
),

workspaces as (
    select * from {{ ref('int_identity__anthropic_workspaces') }}
),

sightings as (
    select
        account_id,
        principal_key,
        principal_kind,
        case
            when principal_kind in ('machine_key', 'human_api_key') then 'api_key'
            when principal_kind = 'human_seat' then 'seat'
            when principal_kind = 'service_account' then 'cloud_iam'
            else 'unknown'
        end as auth_mode,
        cast(null as {{ dbt.type_string() }}) as name_hints,
        workspace_id,
        {# What a list says stands over what a report says. #}
        2 as preference,
        usage_date as seen_date
    from reported

    union all

    select
        account_id,
        principal_key,
        principal_kind,
        auth_mode,
        name_hints,
        null as workspace_id,
        3 as preference,
        usage_date as seen_date
    from claude_code_rows

    union all

    select
        account_id,
        principal_key,
        case when principal_key = 'unattributed' then 'unattributed' else 'human_seat' end
            as principal_kind,
        case when principal_key = 'unattributed' then 'unknown' else 'seat' end as auth_mode,
        null as name_hints,
        null as workspace_id,
        3 as preference,
        usage_date as seen_date
    from activity
    where account_id like 'enterprise/%'

    union all

    select
        account_id,
        user_key as principal_key,
        case scope when 'console' then 'human_api_key' else 'human_seat' end as principal_kind,
        case scope when 'console' then 'api_key' else 'seat' end as auth_mode,
        null as name_hints,
        null as workspace_id,
        1 as preference,
        last_seen_date as seen_date
    from users
    where user_key is not null

    union all

    select
        account_id,
        user_key as principal_key,
        case scope when 'console' then 'human_api_key' else 'human_seat' end as principal_kind,
        case scope when 'console' then 'api_key' else 'seat' end as auth_mode,
        null as name_hints,
        null as workspace_id,
        1 as preference,
        first_seen_date as seen_date
    from users
    where user_key is not null

    union all

    select
        account_id,
        api_key_id as principal_key,
        'machine_key' as principal_kind,
        'api_key' as auth_mode,
        name_hints,
        coalesce(workspace_id, 'default_workspace') as workspace_id,
        1 as preference,
        snapshot_date as seen_date
    from api_keys

    union all

    select
        account_id,
        service_account_id as principal_key,
        'service_account' as principal_kind,
        'cloud_iam' as auth_mode,
        name_hints,
        null as workspace_id,
        1 as preference,
        snapshot_date as seen_date
    from service_accounts
),

named as (
    select
        sightings.principal_key,
        sightings.name_hints,
        workspaces.workspace_name,
        row_number() over (
            partition by sightings.principal_key
            order by
                case when sightings.name_hints is null then 1 else 0 end,
                sightings.preference,
                sightings.seen_date desc nulls last,
                {{ binary_order('sightings.name_hints') }}
        ) as hints_choice,
        row_number() over (
            partition by sightings.principal_key
            order by
                case when workspaces.workspace_name is null then 1 else 0 end,
                sightings.preference,
                sightings.seen_date desc nulls last,
                {{ binary_order('workspaces.workspace_name') }}
        ) as workspace_choice
    from sightings
    left join workspaces
        on
            sightings.account_id = workspaces.account_id
            and sightings.workspace_id = workspaces.workspace_id
    where sightings.principal_kind in ('machine_key', 'service_account')
),

summed as (
    select
        principal_key,
        max(case when principal_kind = 'human_seat' then 1 else 0 end) as has_seat,
        min(principal_kind) as principal_kind,
        max(case when auth_mode = 'seat' then 1 else 0 end) as signs_in_with_seat,
        min(auth_mode) as auth_mode,
        min(seen_date) as first_seen_date,
        max(seen_date) as last_seen_date
    from sightings
    group by principal_key
)

select
    summed.principal_key,
    case summed.has_seat when 1 then 'human_seat' else summed.principal_kind end as principal_kind,
    case summed.signs_in_with_seat when 1 then 'seat' else summed.auth_mode end as auth_mode,
    'anthropic_account' as account_source,
    cast(null as {{ dbt.type_string() }}) as owner_principal_key,
    hints.name_hints,
    places.workspace_name,
    summed.first_seen_date,
    summed.last_seen_date
from summed
left join named as hints
    on
        summed.principal_key = hints.principal_key
        and hints.hints_choice = 1
left join named as places
    on
        summed.principal_key = places.principal_key
        and places.workspace_choice = 1
