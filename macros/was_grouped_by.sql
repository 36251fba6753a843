{# Whether the vendor was asked to group by a dimension: only then does NULL in its column say that there is none. #}
{% macro was_grouped_by(dimension) -%}
    position(',{{ dimension }},' in ',' || coalesce(grouped_by, '') || ',') > 0
{%- endmacro %}
