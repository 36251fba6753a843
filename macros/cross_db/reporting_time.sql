{# A plain timestamp in UTC as the clock of the variable reporting_timezone shows it, summer time included. #}
{% macro reporting_time(moment) -%}
    {{ return(adapter.dispatch('reporting_time')(moment)) }}
{%- endmacro %}

{% macro default__reporting_time(moment) -%}
    cast(
        {{ moment }} at time zone 'UTC' at time zone '{{ var('reporting_timezone') }}'
        as {{ dbt.type_timestamp() }}
    )
{%- endmacro %}
