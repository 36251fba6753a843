{#
    One row per vendor, principal and credit unit of principals whose person or owner is not known, with the value that
    hangs on it. A principal that has used nothing has one row without a unit.
#}
with

principals as (
    select * from {{ ref('int_identity__principals_tagged') }}
),

principal_persons as (
    select * from {{ ref('int_identity__principal_persons') }}
),

principal_days as (
    select * from {{ ref('int_identity__principal_days') }}
),

credits as (
    select * from {{ ref('int_usage__credits_unioned') }}
),

gaps as (
    select
        principals.vendor,
        principals.principal_key,
        principals.principal_kind,
        case
            when not principals.is_person then 'key_without_owner'
            when principal_persons.matched_by = 'conflict' then 'person_in_conflict'
            else 'person_not_in_roster'
        end as gap_kind,
        principal_persons.matched_by,
        principal_persons.person_source,
        principal_days.team_key,
        principal_days.unattributed_reason,
        principals.last_seen_date
    from principals
    inner join principal_persons
        on
            principals.vendor = principal_persons.vendor
            and principals.principal_key = principal_persons.principal_key
    inner join principal_days
        on
            principals.vendor = principal_days.vendor
            and principals.principal_key = principal_days.principal_key
            and principal_days.usage_date = {{ as_of_date() }}
    where
        (principals.is_person and principal_persons.person_source <> 'roster')
        or (
            not principals.is_person
            and principal_days.unattributed_reason in (
                'no_owner_for_key', 'shared_key', 'unknown_user'
            )
        )
),

values_of_units as (
    select
        vendor,
        principal_key,
        credit_unit,
        sum(
            case
                when
                    usage_date between {{ add_days(as_of_date(), -28) }}
                    and {{ add_days(as_of_date(), -1) }}
                    then usage_value_usd
            end
        ) as usage_value_usd_28_days,
        sum(usage_value_usd) as usage_value_usd,
        cast(sum(unpriced_records) as bigint) as unpriced_records,
        max(usage_date) as last_used_date
    from credits
    group by vendor, principal_key, credit_unit
)

select
    gaps.vendor,
    gaps.principal_key,
    values_of_units.credit_unit,
    gaps.principal_kind,
    gaps.gap_kind,
    gaps.matched_by,
    gaps.person_source,
    gaps.team_key,
    gaps.unattributed_reason as reason,
    {{ money('values_of_units.usage_value_usd_28_days') }} as usage_value_usd_28_days,
    {{ money('values_of_units.usage_value_usd') }} as usage_value_usd,
    values_of_units.unpriced_records,
    {{ later_day('gaps.last_seen_date', 'values_of_units.last_used_date') }} as last_seen_date
from gaps
left join values_of_units
    on
        gaps.vendor = values_of_units.vendor
        and gaps.principal_key = values_of_units.principal_key
