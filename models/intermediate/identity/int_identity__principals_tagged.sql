{{ config(materialized='table') }}

{#
    One row per principal with what you say of it in the seed api_key_tags, and what its name or workspace suggests.

    A tag stands over the vendor's word. A suggestion stays one: it is shown beside, and nothing is attributed by it. It
    is made only where all words that are recognised mean the same environment, of the key's name first.
#}
with

principals as (
    select * from {{ ref('int_identity__principals_unioned') }}
),

api_key_tags as (
    select * from {{ ref('int_settings__api_key_tags') }}
),

environment_words as (
    select * from {{ ref('environment_words') }}
),

named_principals as (
    select
        vendor,
        principal_key,
        'key_name' as suggestion_source,
        1 as preference,
        {{ words('name_hints') }} as words
    from principals
    where name_hints is not null

    union all

    select
        vendor,
        principal_key,
        'workspace_name' as suggestion_source,
        2 as preference,
        {{ words('workspace_name') }} as words
    from principals
    where workspace_name is not null
),

suggestions as (
    select
        named_principals.vendor,
        named_principals.principal_key,
        named_principals.suggestion_source,
        min(environment_words.environment) as suggested_environment,
        row_number() over (
            partition by named_principals.vendor, named_principals.principal_key
            order by min(named_principals.preference)
        ) as choice
    from named_principals
    inner join environment_words
        on position(',' || environment_words.word || ',' in named_principals.words) > 0
    group by
        named_principals.vendor,
        named_principals.principal_key,
        named_principals.suggestion_source
    having count(distinct environment_words.environment) = 1
)

select
    principals.vendor,
    principals.principal_key,
    coalesce(nullif(trim(api_key_tags.principal_kind), ''), principals.principal_kind)
        as principal_kind,
    principals.principal_kind as vendor_principal_kind,
    principals.auth_mode,
    principals.account_source,
    principals.owner_principal_key,
    principals.workspace_name,
    {{ slug('api_key_tags.owner_team') }} as tagged_team_key,
    nullif(trim(api_key_tags.cost_center), '') as tagged_cost_center_key,
    nullif(trim(api_key_tags.environment), '') as environment,
    case when nullif(trim(api_key_tags.environment), '') is null then 'none' else 'tag' end
        as environment_source,
    suggestions.suggested_environment,
    suggestions.suggestion_source,
    nullif(trim(api_key_tags.purpose), '') as purpose,
    {# A key has no person behind it, whoever made it and whatever it is tagged as. #}
    principals.principal_kind in ('human_seat', 'human_api_key')
    and coalesce(nullif(trim(api_key_tags.principal_kind), ''), principals.principal_kind)
    in ('human_seat', 'human_api_key') as is_person,
    principals.first_seen_date,
    principals.last_seen_date
from principals
left join api_key_tags
    on
        principals.vendor = api_key_tags.vendor
        and principals.principal_key = api_key_tags.principal_key
left join suggestions
    on
        principals.vendor = suggestions.vendor
        and principals.principal_key = suggestions.principal_key
        and suggestions.choice = 1
