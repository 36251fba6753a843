{# The key of a team or segment that has only a name: lower case, spaces as hyphens; blank is NULL. #}
{% macro slug(name) -%}
    nullif(replace(lower(trim({{ name }})), ' ', '-'), '')
{%- endmacro %}
