{# An address without its query, fragment and last slash, so that two ways to write one compare as equal. #}
{% macro bare_address(address) -%}
    rtrim(split_part(split_part({{ address }}, '?', 1), '#', 1), '/')
{%- endmacro %}

{# What stands after the last slash of an address. #}
{% macro last_of_address(address) -%}
    reverse(split_part(reverse({{ address }}), '/', 1))
{%- endmacro %}
