{# A text as a whole number; NULL where it is not written as one. Only what the pattern lets through is cast. #}
{% macro as_whole(text_column) -%}
    case
        when {{ matches_regex(text_column, "'^[+-]?[0-9]{1,15}$'") }} then cast({{ text_column }} as bigint)
    end
{%- endmacro %}
