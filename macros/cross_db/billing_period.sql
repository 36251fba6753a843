{#
    The first day of the billing period that ends in a month, and the day after its last one. `cycle_day` is the day of
    the month on which the periods of the account begin; the reverse of billing_month().
#}
{% macro billing_period_start(billing_month, cycle_day) -%}
    case
        when {{ cycle_day }} > 1
            then {{ add_days(dbt.dateadd('month', -1, billing_month), '(' ~ cycle_day ~ ') - 1') }}
        else {{ billing_month }}
    end
{%- endmacro %}

{% macro billing_period_end(billing_month, cycle_day) -%}
    case
        when {{ cycle_day }} > 1 then {{ add_days(billing_month, '(' ~ cycle_day ~ ') - 1') }}
        else cast({{ dbt.dateadd('month', 1, billing_month) }} as date)
    end
{%- endmacro %}
