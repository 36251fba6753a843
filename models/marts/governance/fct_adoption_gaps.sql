{#
    One row per vendor, gap kind and subject: a seat that nobody used, or a team in which nobody used the vendor, over the
    last 28 days that were reported. Vendors without human seats have no gaps of teams: nobody is meant to adopt a key. Rows
    are facts about licences and roll-outs: nothing is scored or ranked.
#}
with

seats as (
    select * from {{ ref('int_usage__seats_unioned') }}
),

principals as (
    select * from {{ ref('int_identity__principals_tagged') }}
),

principal_days as (
    select * from {{ ref('int_identity__principal_days') }}
),

roster_periods as (
    select * from {{ ref('int_identity__roster_periods') }}
),

days_reported as (
    select * from {{ ref('int_usage__days_reported_unioned') }}
),

activity as (
    select * from {{ ref('int_usage__activity_unioned') }}
),

credits as (
    select * from {{ ref('int_usage__credits_unioned') }}
),

last_reported_days as (
    select
        vendor,
        max(usage_date) as window_end
    from days_reported
    group by vendor
),

vendors_with_seats as (
    select distinct vendor
    from principals
    where principal_kind = 'human_seat'
),

windows as (
    select
        last_reported_days.vendor,
        {{ add_days('last_reported_days.window_end', -27) }} as window_start,
        last_reported_days.window_end,
        count(distinct days_reported.usage_date) as days_covered
    from last_reported_days
    inner join days_reported
        on
            last_reported_days.vendor = days_reported.vendor
            and days_reported.usage_date > {{ add_days('last_reported_days.window_end', -28) }}
    group by last_reported_days.vendor, last_reported_days.window_end
),

{# Consumed credits are use, although they do not make a day active: a seat that costs is not idle. #}
signs_of_use as (
    select vendor, principal_key, usage_date from activity
    where is_active

    union all

    select vendor, principal_key, usage_date from credits
    where credits > 0

    union all

    select vendor, principal_key, last_activity_date as usage_date from seats
    where last_activity_date is not null
),

last_uses as (
    select
        vendor,
        principal_key,
        max(usage_date) as last_activity_date
    from signs_of_use
    group by vendor, principal_key
),

seats_without_use as (
    select
        seats.vendor,
        'seat_without_use' as gap_kind,
        seats.principal_key as subject_key,
        seats.principal_key,
        cast(null as {{ dbt.type_string() }}) as team_key,
        cast(1 as bigint) as people,
        cast(1 as bigint) as seats,
        seats.seat_since_date,
        last_uses.last_activity_date
    from seats
    inner join principals
        on
            seats.vendor = principals.vendor
            and seats.principal_key = principals.principal_key
            and principals.principal_kind = 'human_seat'
    left join last_uses
        on
            seats.vendor = last_uses.vendor
            and seats.principal_key = last_uses.principal_key
),

team_members as (
    select
        windows.vendor,
        roster_periods.team_key,
        roster_periods.person_key,
        cast(null as {{ dbt.type_string() }}) as principal_key
    from roster_periods
    cross join windows
    inner join vendors_with_seats
        on windows.vendor = vendors_with_seats.vendor
    where
        roster_periods.team_key is not null
        and {{ as_of_date() }} between roster_periods.starts_on and roster_periods.ends_on

    union all

    select
        principal_days.vendor,
        principal_days.team_key,
        principal_days.person_key,
        principal_days.principal_key
    from principal_days
    inner join vendors_with_seats
        on principal_days.vendor = vendors_with_seats.vendor
    where
        principal_days.team_key is not null
        and principal_days.person_key is not null
        and principal_days.usage_date = {{ as_of_date() }}
),

teams_without_adoption as (
    select
        team_members.vendor,
        'team_without_adoption' as gap_kind,
        team_members.team_key as subject_key,
        cast(null as {{ dbt.type_string() }}) as principal_key,
        team_members.team_key,
        count(distinct team_members.person_key) as people,
        count(distinct seats.principal_key) as seats,
        min(seats.seat_since_date) as seat_since_date,
        max(last_uses.last_activity_date) as last_activity_date
    from team_members
    left join seats
        on
            team_members.vendor = seats.vendor
            and team_members.principal_key = seats.principal_key
    left join last_uses
        on
            team_members.vendor = last_uses.vendor
            and team_members.principal_key = last_uses.principal_key
    group by team_members.vendor, team_members.team_key
),

gaps as (
    select * from seats_without_use
    union all
    select * from teams_without_adoption
)

select
    gaps.vendor,
    gaps.gap_kind,
    gaps.subject_key,
    gaps.principal_key,
    gaps.team_key,
    gaps.people,
    gaps.seats,
    {{ days_between('gaps.last_activity_date', 'windows.window_end') }} as days_without_use,
    windows.days_covered,
    gaps.seat_since_date,
    gaps.last_activity_date,
    windows.window_start,
    windows.window_end
from gaps
inner join windows
    on gaps.vendor = windows.vendor
where
    (gaps.last_activity_date is null or gaps.last_activity_date < windows.window_start)
    {# A seat that was given inside the window has not had its 28 days. #}
    and (
        gaps.gap_kind = 'team_without_adoption'
        or gaps.seat_since_date is null
        or gaps.seat_since_date <= windows.window_start
    )
