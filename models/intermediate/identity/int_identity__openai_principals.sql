{{ config(enabled=var('openai_enabled')) }}

{#
    One row per principal of OpenAI: an API key, used or only listed; a user whose use came without a key; a seat of a
    Codex workspace; `unattributed` for use without either.

    A key belongs to a service account or else to no one: that a person made it says nothing about whose use it is.
    A user whom OpenAI flags as a service account is no person. Who is seen in Codex has a seat.
#}
with

results as (
    select * from {{ ref('int_usage__openai_results') }}
),

codex_days as (
    select * from {{ ref('int_usage__openai_codex_days') }}
),

project_api_keys as (
    select * from {{ ref('stg_openai__project_api_keys') }}
),

admin_api_keys as (
    select * from {{ ref('stg_openai__admin_api_keys') }}
),

users as (
    select * from {{ ref('stg_openai__users') }}
),

projects as (
    select * from {{ ref('stg_openai__projects') }}
),

{# Admin keys spend nothing; one that were used all the same has its name from its own list. #}
listed_keys as (
    select
        api_key_id,
        project_id,
        name_hints,
        owner_type,
        owner_user_key,
        snapshot_date
    from project_api_keys

    union all

    select
        api_key_id,
        null as project_id,
        name_hints,
        owner_type,
        owner_user_key,
        snapshot_date
    from admin_api_keys
),

keys_by_age as (
    select
        *,
        row_number() over (
            partition by api_key_id
            order by snapshot_date desc, {{ binary_order('project_id') }} nulls last
        ) as snapshot_age
    from listed_keys
),

{# What was ever flagged a machine is one. #}
machine_users as (
    select distinct user_key from users
    where is_service_account
),

projects_by_age as (
    select
        project_id,
        project_name,
        row_number() over (
            partition by project_id
            order by snapshot_date desc, {{ binary_order('project_name') }}
        ) as snapshot_age
    from projects
    where project_name is not null
),

mentions as (
    select
        principal_key,
        api_key_id,
        case when api_key_id is null then user_key end as user_key,
        case when api_key_id is not null then project_id end as project_id,
        0 as is_seat,
        0 as is_machine,
        usage_date as seen_date
    from results

    union all

    select
        principal_key,
        null as api_key_id,
        user_key,
        null as project_id,
        1 as is_seat,
        {# Actors of another kind than a user are none of the people. #}
        case when lower(actor_type) not like '%user%' then 1 else 0 end as is_machine,
        usage_date as seen_date
    from codex_days

    union all

    select
        api_key_id as principal_key,
        api_key_id,
        null as user_key,
        project_id,
        0 as is_seat,
        0 as is_machine,
        snapshot_date as seen_date
    from project_api_keys
),

principals as (
    select
        principal_key,
        max(api_key_id) as api_key_id,
        max(user_key) as user_key,
        max(project_id) as project_id,
        max(is_seat) as is_seat,
        max(is_machine) as is_machine,
        min(seen_date) as first_seen_date,
        max(seen_date) as last_seen_date
    from mentions
    group by principal_key
)

select
    principals.principal_key,
    case
        when
            principals.api_key_id is not null
            and (keys_by_age.owner_type = 'service_account' or key_machines.user_key is not null)
            then 'service_account'
        when principals.api_key_id is not null then 'machine_key'
        when principals.user_key is null then 'unattributed'
        when machine_users.user_key is not null or principals.is_machine = 1 then 'service_account'
        when principals.is_seat = 1 then 'human_seat'
        else 'human_api_key'
    end as principal_kind,
    case
        when principals.api_key_id is null and principals.user_key is null then 'unknown'
        when principals.api_key_id is null and principals.is_seat = 1 then 'seat'
        else 'api_key'
    end as auth_mode,
    'openai_account' as account_source,
    cast(null as {{ dbt.type_string() }}) as owner_principal_key,
    keys_by_age.name_hints,
    projects_by_age.project_name as workspace_name,
    principals.first_seen_date,
    principals.last_seen_date
from principals
left join keys_by_age
    on
        principals.api_key_id = keys_by_age.api_key_id
        and keys_by_age.snapshot_age = 1
left join machine_users as key_machines
    on keys_by_age.owner_user_key = key_machines.user_key
left join machine_users
    on principals.user_key = machine_users.user_key
left join projects_by_age
    on
        coalesce(keys_by_age.project_id, principals.project_id) = projects_by_age.project_id
        and projects_by_age.snapshot_age = 1
