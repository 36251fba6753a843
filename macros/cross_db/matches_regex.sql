{# Whether a text contains a match of a regular expression; case counts. Only what DuckDB and PostgreSQL read alike. #}
{% macro matches_regex(text_column, pattern) -%}
    {{ return(adapter.dispatch('matches_regex')(text_column, pattern)) }}
{%- endmacro %}

{% macro default__matches_regex(text_column, pattern) -%}
    regexp_matches({{ text_column }}, {{ pattern }})
{%- endmacro %}

{# regexp_matches exists there too, but gives a set of rows. #}
{% macro postgres__matches_regex(text_column, pattern) -%}
    {{ text_column }} ~ {{ pattern }}
{%- endmacro %}
