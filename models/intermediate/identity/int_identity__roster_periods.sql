{#
    One row per roster person and period, without overlaps: where two periods of one person meet, the later start wins,
    because a roster is written forward. Open ends are far days here, so that joins need no special case.
#}
with

people as (
    select * from {{ ref('stg_roster__people') }}
),

named_periods as (
    select
        person_key,
        {{ slug('team') }} as team_key,
        trim(team) as team_name,
        nullif(trim(role_segment), '') as role_segment,
        nullif(trim(cost_center), '') as cost_center_key,
        manager_key,
        nullif(trim(employment_type), '') as employment_type,
        extra,
        file_name,
        coalesce(valid_from, cast('1900-01-01' as date)) as starts_on,
        coalesce(valid_to, cast('9999-12-31' as date)) as ends_on
    from people
),

ranked_periods as (
    select
        *,
        row_number() over (
            partition by person_key, starts_on
            order by
                ends_on desc,
                {{ binary_order('file_name') }},
                {{ binary_order('team_key') }} nulls last
        ) as choice
    from named_periods
    where starts_on <= ends_on
),

ordered_periods as (
    select
        *,
        lead(starts_on) over (partition by person_key order by starts_on) as next_starts_on,
        max(ends_on) over (partition by person_key) as person_ends_on
    from ranked_periods
    where choice = 1
)

select
    person_key,
    team_key,
    team_name,
    role_segment,
    cost_center_key,
    manager_key,
    employment_type,
    extra,
    starts_on,
    case
        when next_starts_on <= ends_on then {{ add_days('next_starts_on', -1) }}
        else ends_on
    end as ends_on,
    person_ends_on
from ordered_periods
