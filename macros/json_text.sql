{# Text as it stands between the quotes of a JSON string, where it holds no control characters. #}
{% macro json_text(value) -%}
    replace(replace({{ value }}, '\', '\\'), '"', '\"')
{%- endmacro %}
