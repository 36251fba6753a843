{#
    For a hook before a model: on PostgreSQL its planner may not join by nested loops in the transaction of the model. It
    takes the few rows that a window function keeps for one row, and goes through large tables once for each.
    Nothing elsewhere.
#}
{% macro no_nested_loops() -%}
    {{ return(adapter.dispatch('no_nested_loops')()) }}
{%- endmacro %}

{% macro default__no_nested_loops() -%}
{%- endmacro %}

{% macro postgres__no_nested_loops() -%}
    set local enable_nestloop = off
{%- endmacro %}
