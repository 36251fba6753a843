{{ config(materialized='table') }}

{#
    One row per vendor and principal: the person behind it; none behind a machine.

    Steps are tried in order: a login of the roster, the verified e-mail of the vendor's account, an e-mail of the single
    sign-on identity, a public e-mail. The first step at which the roster knows the account decides. Two persons at that
    step are a conflict: guessing would charge somebody for another's use, so nobody is taken. Where nothing or nobody was
    found, the seed identity_map speaks. Accounts of several vendors that are left over and share an e-mail are one
    person; the rest stand for themselves.
#}
with

principals as (
    select * from {{ ref('int_identity__principals_tagged') }}
    where is_person
),

machines as (
    select * from {{ ref('int_identity__principals_tagged') }}
    where not is_person
),

identifiers as (
    select * from {{ ref('int_identity__identifiers_unioned') }}
),

roster_identifiers as (
    select * from {{ ref('stg_roster__person_identifiers') }}
),

roster_periods as (
    select * from {{ ref('int_identity__roster_periods') }}
),

identity_map as (
    select * from {{ ref('int_settings__identity_map') }}
),

matches as (
    select
        identifiers.vendor,
        identifiers.principal_key,
        identifiers.match_step,
        count(distinct roster_identifiers.person_key) as person_count,
        min(roster_identifiers.person_key) as person_key
    from identifiers
    inner join roster_identifiers
        on identifiers.identifier_key = roster_identifiers.identifier_key
    group by identifiers.vendor, identifiers.principal_key, identifiers.match_step
),

ordered_matches as (
    select
        *,
        row_number() over (partition by vendor, principal_key order by match_step) as match_order
    from matches
),

deciding_matches as (
    select * from ordered_matches
    where match_order = 1
),

roster_persons as (
    select distinct person_key from roster_periods
),

resolved_principals as (
    select
        principals.vendor,
        principals.principal_key,
        principals.account_source,
        case
            when deciding_matches.person_count = 1 then deciding_matches.person_key
            else identity_map.person_key
        end as person_key,
        case
            when deciding_matches.person_count = 1 or roster_persons.person_key is not null
                then 'roster'
            when identity_map.person_key is not null then 'identity_map'
        end as person_source,
        case
            when deciding_matches.person_count = 1
                then
                    case deciding_matches.match_step
                        when 1 then 'login'
                        when 2 then 'verified_email'
                        when 3 then 'sso_email'
                        else 'public_email'
                    end
            when identity_map.person_key is not null then 'identity_map'
            when deciding_matches.person_count > 1 then 'conflict'
            else 'none'
        end as matched_by
    from principals
    left join deciding_matches
        on
            principals.vendor = deciding_matches.vendor
            and principals.principal_key = deciding_matches.principal_key
    left join identity_map
        on
            principals.vendor = identity_map.vendor
            and principals.principal_key = identity_map.principal_key
    left join roster_persons
        on identity_map.person_key = roster_persons.person_key
),

{# Every step after the login is an e-mail. #}
emails as (
    select distinct
        identifiers.vendor,
        identifiers.principal_key,
        identifiers.identifier_key
    from identifiers
    inner join resolved_principals
        on
            identifiers.vendor = resolved_principals.vendor
            and identifiers.principal_key = resolved_principals.principal_key
            and resolved_principals.matched_by = 'none'
    where identifiers.match_step > 1
),

shared_emails as (
    select identifier_key
    from emails
    group by identifier_key
    having count(distinct vendor) > 1
),

{# Somebody with two such addresses takes the first of them; whoever is alone with the other stays alone. #}
first_emails as (
    select
        emails.vendor,
        emails.principal_key,
        min(emails.identifier_key) as identifier_key
    from emails
    inner join shared_emails
        on emails.identifier_key = shared_emails.identifier_key
    group by emails.vendor, emails.principal_key
),

kept_emails as (
    select identifier_key
    from first_emails
    group by identifier_key
    having count(distinct vendor) > 1
),

shared_persons as (
    select
        first_emails.vendor,
        first_emails.principal_key,
        first_emails.identifier_key as person_key
    from first_emails
    inner join kept_emails
        on first_emails.identifier_key = kept_emails.identifier_key
)

select
    resolved_principals.vendor,
    resolved_principals.principal_key,
    coalesce(
        resolved_principals.person_key,
        shared_persons.person_key,
        resolved_principals.principal_key
    ) as person_key,
    case
        when resolved_principals.person_key is not null then resolved_principals.person_source
        when shared_persons.person_key is not null then 'shared_email'
        else resolved_principals.account_source
    end as person_source,
    resolved_principals.matched_by
from resolved_principals
left join shared_persons
    on
        resolved_principals.vendor = shared_persons.vendor
        and resolved_principals.principal_key = shared_persons.principal_key

union all

select
    vendor,
    principal_key,
    cast(null as {{ dbt.type_string() }}) as person_key,
    cast(null as {{ dbt.type_string() }}) as person_source,
    'none' as matched_by
from machines
