{# A date some days later (or earlier), as a date: most engines answer a timestamp. #}
{% macro add_days(day, days) -%}
    cast({{ dbt.dateadd('day', days, day) }} as date)
{%- endmacro %}
