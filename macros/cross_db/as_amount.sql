{#
    A text as an amount in fixed point; NULL where it is not written as one, such as 1234.56. Neither separators of
    thousands nor exponents: 1,234 is 1.234 to somebody. Decimals beyond the ninth are rounded. Not every engine has a
    cast that may fail, so only what the pattern lets through is cast.
#}
{% macro as_amount(text_column) -%}
    case
        when {{ matches_regex(text_column, "'^[+-]?[0-9]{1,18}([.][0-9]{1,18})?$'") }}
            then {{ money(text_column) }}
    end
{%- endmacro %}
