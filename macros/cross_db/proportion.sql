{#
    amount * part / whole in fixed point, cut off (not rounded) after nine decimals: a share of an amount, or an amount
    converted by a ratio. Some engines divide decimals as floats, so it is done in whole billionths; what cutting off
    leaves over is for the caller to place. NULL where `whole` is zero. Amounts up to about 1e10 fit.
#}
{% macro proportion(amount, part, whole) -%}
    {{ return(adapter.dispatch('proportion')(amount, part, whole)) }}
{%- endmacro %}

{% macro default__proportion(amount, part, whole) -%}
    {{ money('trunc(' ~ money(amount) ~ ' * (' ~ part ~ ') / nullif(' ~ whole ~ ', 0), 9)') }}
{%- endmacro %}

{% macro duckdb__proportion(amount, part, whole) -%}
    {{ money(
        "(" ~ billionths(amount) ~ " * " ~ billionths(part) ~ " // nullif(" ~ billionths(whole) ~ ", 0))"
        ~ " * cast('0.000000001' as decimal(10, 9))"
    ) }}
{%- endmacro %}

{% macro billionths(amount) -%}
    cast(cast({{ amount }} as decimal(38, 9)) * 1000000000 as hugeint)
{%- endmacro %}
