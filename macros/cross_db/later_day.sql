{# The later of two days, either of which may be NULL: engines differ in what greatest makes of a NULL. #}
{% macro later_day(first_day, second_day) -%}
    case
        when {{ first_day }} > {{ second_day }} then {{ first_day }}
        else coalesce({{ second_day }}, {{ first_day }})
    end
{%- endmacro %}
