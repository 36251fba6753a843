{#
    One row for each text of a JSON array of texts, as the only such call of a select list: NULL and an empty array give
    no row.
#}
{% macro json_array_texts(json_column) -%}
    {{ return(adapter.dispatch('json_array_texts')(json_column)) }}
{%- endmacro %}

{% macro default__json_array_texts(json_column) -%}
    unnest(from_json({{ json_column }}, '["VARCHAR"]'))
{%- endmacro %}

{% macro postgres__json_array_texts(json_column) -%}
    jsonb_array_elements_text(cast({{ json_column }} as jsonb))
{%- endmacro %}
