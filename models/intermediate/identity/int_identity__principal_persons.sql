{{ config(materialized='table') }}

{#
    One row per vendor and principal: the person behind it.

    Steps are tried in order: a login of the roster, an e-mail of the single sign-on identity, a public e-mail. The first
    step at which the roster knows the account decides. Two persons at that step are a conflict: guessing would charge
    somebody for another's use, so nobody is taken and the account stands for itself.
#}
with

principals as (
    select * from {{ ref('int_identity__principals_unioned') }}
),

identifiers as (
    select * from {{ ref('int_identity__identifiers_unioned') }}
),

roster_identifiers as (
    select * from {{ ref('stg_roster__person_identifiers') }}
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
)

select
    principals.vendor,
    principals.principal_key,
    case
        when deciding_matches.person_count = 1 then deciding_matches.person_key
        else principals.principal_key
    end as person_key,
    case
        when deciding_matches.person_count = 1 then 'roster'
        else principals.account_source
    end as person_source,
    case
        when deciding_matches.person_count is null then 'none'
        when deciding_matches.person_count > 1 then 'conflict'
        when deciding_matches.match_step = 1 then 'login'
        when deciding_matches.match_step = 2 then 'sso_email'
        else 'public_email'
    end as matched_by
from principals
left join deciding_matches
    on
        principals.vendor = deciding_matches.vendor
        and principals.principal_key = deciding_matches.principal_key
