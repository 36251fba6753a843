{#
    A pattern with asterisks as one of LIKE, escaped by !: an asterisk is any text, every other sign itself, and a blank
    pattern fits anything.
#}
{% macro like_pattern(pattern) -%}
    case
        when {{ pattern }} = '' then '%'
        else replace(
            replace(replace(replace({{ pattern }}, '!', '!!'), '%', '!%'), '_', '!_'), '*', '%'
        )
    end
{%- endmacro %}
