{#
    Text to sort by, compared byte by byte: "alphabetical" must mean the same on every engine, and PostgreSQL otherwise
    sorts by the database's locale.
#}
{% macro binary_order(text_column) -%}
    {{ return(adapter.dispatch('binary_order')(text_column)) }}
{%- endmacro %}

{% macro default__binary_order(text_column) -%}
    {{ text_column }}
{%- endmacro %}

{% macro postgres__binary_order(text_column) -%}
    {{ text_column }} collate "C"
{%- endmacro %}
