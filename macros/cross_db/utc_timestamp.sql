{#
    A moment with a time zone as a plain timestamp in UTC, so that no later comparison or cast to a date depends on
    the session's time zone.
#}
{% macro utc_timestamp(moment) -%}
    {{ return(adapter.dispatch('utc_timestamp')(moment)) }}
{%- endmacro %}

{% macro default__utc_timestamp(moment) -%}
    cast({{ moment }} at time zone 'UTC' as {{ dbt.type_timestamp() }})
{%- endmacro %}
