{#
    A text as a plain timestamp in UTC; NULL where it is no moment written like 2026-09-14T05:02:00Z or
    2026-09-14 07:02:00+02:00. Without its zone it would be another moment on another machine. Only what the pattern
    lets through is cast, because engines stop at what they cannot read.
#}
{% macro as_moment(text_column) -%}
    {% set time = '([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,6})?' -%}
    {% set zone = '(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])' -%}
    case
        when {{ matches_regex(text_column, "'^" ~ real_day() ~ "[T ]" ~ time ~ zone ~ "$'") }}
            then {{ utc_timestamp('cast(' ~ text_column ~ ' as timestamp with time zone)') }}
    end
{%- endmacro %}
