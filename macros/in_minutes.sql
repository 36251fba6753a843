{# Seconds as minutes in fixed point, cut off after nine decimals. #}
{% macro in_minutes(seconds) -%}
    {{ proportion(seconds, '1', '60') }}
{%- endmacro %}
