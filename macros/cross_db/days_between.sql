{# Whole days from the first date to the second, as a bigint on every engine. #}
{% macro days_between(first_day, second_day) -%}
    cast({{ dbt.datediff(first_day, second_day, 'day') }} as bigint)
{%- endmacro %}
