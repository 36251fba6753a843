{# Whole seconds from the first moment to the second, as a bigint; NULL where either is. #}
{% macro seconds_between(first_moment, second_moment) -%}
    cast({{ dbt.datediff(first_moment, second_moment, 'second') }} as bigint)
{%- endmacro %}
