{#
    The first day of the month in which the billing period of a day ends. `cycle_day` is the day of the month on which
    the periods of an account begin: from it on, unless it is the first, a day belongs to the period that ends next month.
#}
{% macro billing_month(day, cycle_day) -%}
    case
        when {{ cycle_day }} > 1 and extract(day from {{ day }}) >= {{ cycle_day }}
            then cast({{ dbt.dateadd('month', 1, dbt.date_trunc('month', day)) }} as date)
        else cast({{ dbt.date_trunc('month', day) }} as date)
    end
{%- endmacro %}
