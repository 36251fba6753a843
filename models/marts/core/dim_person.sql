{#
    One row per person, pseudonymous: everybody in the roster, and every human account that the roster does not know;
    accounts of several vendors that share an e-mail are one. Role, team and cost center are those of the as-of day, or
    of the last period of somebody who has left; facts carry those of the time of use.
#}
with

principal_persons as (
    select * from {{ ref('int_identity__principal_persons') }}
),

principal_days as (
    select * from {{ ref('int_identity__principal_days') }}
),

roster_periods as (
    select * from {{ ref('int_identity__roster_periods') }}
),

principal_counts as (
    select
        person_key,
        count(*) as principals
    from principal_persons
    where person_key is not null
    group by person_key
),

ranked_periods as (
    select
        *,
        min(starts_on) over (partition by person_key) as person_starts_on,
        row_number() over (
            partition by person_key
            order by case when starts_on <= {{ as_of_date() }} then 0 else 1 end, starts_on desc
        ) as choice
    from roster_periods
),

roster_persons as (
    select
        person_key,
        'roster' as person_source,
        role_segment,
        team_key,
        cost_center_key,
        employment_type,
        manager_key,
        extra as roster_extra,
        person_ends_on >= {{ as_of_date() }} as is_current,
        nullif(person_starts_on, cast('1900-01-01' as date)) as valid_from,
        nullif(person_ends_on, cast('9999-12-31' as date)) as valid_to
    from ranked_periods
    where choice = 1
),

account_persons as (
    select
        principal_persons.person_key,
        min(principal_persons.person_source) as person_source,
        min(principal_days.team_key) as team_key
    from principal_persons
    left join principal_days
        on
            principal_persons.vendor = principal_days.vendor
            and principal_persons.principal_key = principal_days.principal_key
            and principal_days.usage_date = {{ as_of_date() }}
    where principal_persons.person_source <> 'roster'
    group by principal_persons.person_key
),

persons as (
    select * from roster_persons

    union all

    select
        person_key,
        person_source,
        cast(null as {{ dbt.type_string() }}) as role_segment,
        team_key,
        cast(null as {{ dbt.type_string() }}) as cost_center_key,
        cast(null as {{ dbt.type_string() }}) as employment_type,
        cast(null as {{ dbt.type_string() }}) as manager_key,
        cast(null as {{ dbt.type_string() }}) as roster_extra,
        cast(null as {{ dbt.type_boolean() }}) as is_current,
        cast(null as date) as valid_from,
        cast(null as date) as valid_to
    from account_persons
)

select
    persons.person_key,
    persons.person_source,
    persons.role_segment,
    persons.team_key,
    persons.cost_center_key,
    persons.employment_type,
    persons.manager_key,
    persons.roster_extra,
    coalesce(principal_counts.principals, 0) as principals,
    persons.is_current,
    persons.valid_from,
    persons.valid_to
from persons
left join principal_counts
    on persons.person_key = principal_counts.person_key
