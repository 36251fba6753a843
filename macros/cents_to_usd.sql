{# Cents as dollars, in fixed point. The hundredth is a factor: dividing would give a float on some engines. #}
{% macro cents_to_usd(cents) -%}
    {{ money(cents ~ " * cast('0.01' as decimal(3, 2))") }}
{%- endmacro %}
