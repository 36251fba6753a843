{#
    One row per UTC day from January 2024, before which no vendor here gives days, to the as-of day.
    The length of the series is worked out while compiling, from two literals: no query, no end that somebody typed.
#}
{% set first_day = modules.datetime.date(2024, 1, 1) %}
{% set last_day = modules.datetime.date.fromisoformat(as_of_day()) %}

with

series as (
    {{ dbt.generate_series([(last_day - first_day).days + 1, 1] | max) }}
),

numbered as (
    select cast(generated_number as integer) - 1 as days_later
    from series
)

select {{ add_days("cast('" ~ first_day ~ "' as date)", "days_later") }} as date_day
from numbered
