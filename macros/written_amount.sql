{# An amount as text for people to read: with two decimals, or with as many as it has. #}
{% macro written_amount(amount) -%}
    case
        when {{ amount }} = cast({{ amount }} as decimal(38, 2))
            then cast(cast({{ amount }} as decimal(38, 2)) as {{ dbt.type_string() }})
        else rtrim(cast({{ amount }} as {{ dbt.type_string() }}), '0')
    end
{%- endmacro %}
