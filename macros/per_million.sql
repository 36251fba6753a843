{#
    A count times the price of a million of it, in fixed point. The millionth is a factor: dividing would give a float
    on some engines.
#}
{% macro per_million(count, usd_per_million) -%}
    {{ money(count ~ ' * ' ~ usd_per_million ~ " * cast('0.000001' as decimal(7, 6))") }}
{%- endmacro %}
