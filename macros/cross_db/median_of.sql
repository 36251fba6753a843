{#
    The median of whole numbers, as an aggregate: of two in the middle their mean. NULLs do not count, and there is none
    of nothing. Of whole numbers alone, because engines compute it in floating point, in which halves of them are exact.
#}
{% macro median_of(whole_number) -%}
    {{ money('percentile_cont(0.5) within group (order by ' ~ whole_number ~ ')') }}
{%- endmacro %}
