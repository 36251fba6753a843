{#
    A text as a date; NULL where it is no day of the calendar, written like 2026-09-30, of the years 1900 to 2099. The
    pattern knows the months and the leap years, because engines stop at a day that does not exist.
#}
{% macro as_day(text_column) -%}
    case
        when {{ matches_regex(text_column, "'^" ~ real_day() ~ "$'") }} then cast({{ text_column }} as date)
    end
{%- endmacro %}

{# What a day of the calendar looks like, as a regular expression without ends. #}
{% macro real_day() -%}
    {% set days_to_28 = '(0[1-9]|1[0-9]|2[0-8])' -%}
    {% set longer_months = '((0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)' -%}
    {% set leap_years = '((19|20)(0[48]|[2468][048]|[13579][26])|2000)' -%}
    {% set months = '(0[1-9]|1[0-2])' -%}
    {{ return('((19|20)[0-9][0-9]-(' ~ months ~ '-' ~ days_to_28 ~ '|' ~ longer_months ~ ')|'
        ~ leap_years ~ '-02-29)') }}
{%- endmacro %}
