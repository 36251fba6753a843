{{ config(materialized='table', enabled=var('github_delivery_enabled')) }}

{#
    One row per login, user id or e-mail that Copilot's accounts or the roster know: the person behind it. GitHub names
    people by any of the three; whom this does not have stands for itself.

    Copilot's accounts lead to the person, else the roster itself does; two persons of one login are a conflict, and the
    login stands for itself: guessing would give somebody another's work.
#}
with

identifiers as (
    select * from {{ ref('int_identity__identifiers_unioned') }}
    where
        vendor = 'github_copilot'
        and match_step = 1
),

principal_persons as (
    select * from {{ ref('int_identity__principal_persons') }}
    where
        vendor = 'github_copilot'
        and person_key is not null
),

roster_identifiers as (
    select * from {{ ref('stg_roster__person_identifiers') }}
),

{# An account goes by its logins, and by its own user id: of a task's creator GitHub may tell no more. #}
account_names as (
    select
        identifiers.identifier_key,
        principal_persons.person_key
    from identifiers
    inner join principal_persons
        on identifiers.principal_key = principal_persons.principal_key

    union

    select
        principal_key as identifier_key,
        person_key
    from principal_persons
),

account_persons as (
    select
        identifier_key,
        count(distinct person_key) as person_count,
        min(person_key) as person_key
    from account_names
    group by identifier_key
),

roster_persons as (
    select
        identifier_key,
        count(distinct person_key) as person_count,
        min(person_key) as person_key
    from roster_identifiers
    group by identifier_key
),

named as (
    select identifier_key from account_persons
    union
    select identifier_key from roster_persons
)

select
    named.identifier_key,
    case
        when account_persons.person_count = 1 then account_persons.person_key
        when account_persons.person_count is null and roster_persons.person_count = 1
            then roster_persons.person_key
        else named.identifier_key
    end as person_key
from named
left join account_persons
    on named.identifier_key = account_persons.identifier_key
left join roster_persons
    on named.identifier_key = roster_persons.identifier_key
