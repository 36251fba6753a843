{#
    What a sum of known costs rests on, told from the first and the last of the bases in the alphabet: the one basis,
    mixed, or unpriced where nothing is known.
#}
{% macro cost_basis_of(lowest, highest) -%}
    case
        when {{ lowest }} is null then 'unpriced'
        when {{ lowest }} = {{ highest }} then {{ lowest }}
        else 'mixed'
    end
{%- endmacro %}
