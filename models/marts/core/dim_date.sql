{#
    One row per UTC day from January 2024 to the as-of day. Weeks are ISO weeks: they begin on Monday, and the year of a
    week is the year of its Thursday.
#}
with

calendar_days as (
    select * from {{ ref('int_calendar__days') }}
),

weeks as (
    select
        date_day,
        cast({{ dbt.date_trunc('week', 'date_day') }} as date) as iso_week_start
    from calendar_days
),

thursdays as (
    select
        date_day,
        iso_week_start,
        {{ add_days('iso_week_start', 3) }} as iso_week_thursday
    from weeks
),

numbered as (
    select
        date_day,
        iso_week_start,
        cast(extract(year from iso_week_thursday) as integer) as iso_year,
        cast(
            floor(
                {{ days_between(
                    "cast(" ~ dbt.date_trunc('year', 'iso_week_thursday') ~ " as date)",
                    'iso_week_thursday'
                ) }} / 7.0
            ) as integer
        ) + 1 as iso_week_number
    from thursdays
)

select
    date_day,
    cast(iso_year as {{ dbt.type_string() }})
    || case when iso_week_number < 10 then '-W0' else '-W' end
    || cast(iso_week_number as {{ dbt.type_string() }}) as iso_week,
    iso_year,
    iso_week_number,
    cast({{ days_between('iso_week_start', 'date_day') }} as integer) + 1 as iso_day_of_week,
    {{ days_between('iso_week_start', 'date_day') }} >= 5 as is_weekend,
    iso_week_start,
    cast({{ dbt.date_trunc('month', 'date_day') }} as date) as month_start,
    cast({{ dbt.date_trunc('quarter', 'date_day') }} as date) as quarter_start
from numbered
