{#
    How far an amount may be off: up to the floor; beyond it, only what is within the percent of it and within the cap.
    Percent and cap both bind, so that a small percent of a large invoice never hides a large amount.
#}
{% macro business_tolerance(amount, absolute_floor, percent, absolute_cap) -%}
    {% set share = proportion('abs(' ~ amount ~ ')', percent, 100) %}
    {{ money(
        "case when " ~ share ~ " > " ~ absolute_cap ~ " and " ~ absolute_cap ~ " > " ~ absolute_floor
        ~ " then " ~ absolute_cap
        ~ " when " ~ share ~ " <= " ~ absolute_cap ~ " and " ~ share ~ " > " ~ absolute_floor
        ~ " then " ~ share ~ " else " ~ absolute_floor ~ " end"
    ) }}
{%- endmacro %}
