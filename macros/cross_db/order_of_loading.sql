{#
    The order in which a seed's rows were loaded, which is that of its file. DuckDB reads a table in it. PostgreSQL
    promises no order to who asks for none, but tells where a row lies: a seed is emptied and filled in one go, so that is
    the file's order until somebody changes the table by hand.
#}
{% macro order_of_loading() -%}
    {{ return(adapter.dispatch('order_of_loading')()) }}
{%- endmacro %}

{% macro default__order_of_loading() -%}
{%- endmacro %}

{% macro postgres__order_of_loading() -%}
    order by ctid
{%- endmacro %}
