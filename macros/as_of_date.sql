{#
    The day that stands for today: AGENT_SPEND_AS_OF for replays and tests, else the UTC day on which this run started.
    A literal, so that all models of one run agree and no model asks the database for the time.
#}
{% macro as_of_date() -%}
    cast('{{ as_of_day() }}' as date)
{%- endmacro %}

{# The same day as text, for use in Jinja. #}
{% macro as_of_day() -%}
    {{- return(env_var('AGENT_SPEND_AS_OF', '') or run_started_at.strftime('%Y-%m-%d')) -}}
{%- endmacro %}
