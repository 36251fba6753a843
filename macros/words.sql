{# The words of a name, each between commas, to look words up in: 'CI_prod-web' gives ',ci,prod,web,'. #}
{% macro words(name) -%}
    {% set spelled = namespace(sql='lower(' ~ name ~ ')') -%}
    {% for separator in ['-', '_', ' ', '/', '.', ':', '(', ')'] -%}
        {% set spelled.sql = 'replace(' ~ spelled.sql ~ ", '" ~ separator ~ "', ',')" -%}
    {% endfor -%}
    ',' || {{ spelled.sql }} || ','
{%- endmacro %}
