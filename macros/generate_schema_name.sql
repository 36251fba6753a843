{#
    A model's schema is the one its folder names, as it stands: core.fct_credits_daily, not main_core.fct_credits_daily.
    Only the variable schema_prefix is put before it.
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{- var('schema_prefix') ~ (custom_schema_name or target.schema) | trim -}}
{%- endmacro %}
