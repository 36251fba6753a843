{# Credits and money in fixed point, the one type that they have from raw table to mart. #}
{% macro money(expression) -%}
    cast({{ expression }} as decimal(38, 9))
{%- endmacro %}
