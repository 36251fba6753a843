{#
    FOCUS's rounding tolerance: the larger of 100 times the currency's smallest unit and half of it times the square root
    of the rows compared. The root alone is a float, of a count: it decides from 40,000 rows on, and is cut to nine
    decimals before money sees it.
#}
{% macro rounding_tolerance(row_count, currency) -%}
    case
        when {{ row_count }} > 40000
            then {{ money("cast(sqrt(" ~ row_count ~ ") as decimal(18, 9)) * 0.5 * " ~ currency_subunit(currency)) }}
        else {{ money("100 * " ~ currency_subunit(currency)) }}
    end
{%- endmacro %}

{# The smallest amount that invoices in a currency write: one hundredth, or one where there are no hundredths. #}
{% macro currency_subunit(currency) -%}
    case when {{ currency }} in ('JPY', 'KRW') then 1.00 else 0.01 end
{%- endmacro %}
