{#
    An amount in another currency: as it stands where the currencies are the same, at the booked rate where it is in
    dollars, else NULL. No currency is ever taken for another.
#}
{% macro in_currency(amount, amount_currency, currency, booked_fx_rate) -%}
    case
        when {{ amount_currency }} = {{ currency }} then {{ money(amount) }}
        when {{ amount_currency }} = 'USD' then {{ money(amount ~ ' * ' ~ booked_fx_rate) }}
    end
{%- endmacro %}
