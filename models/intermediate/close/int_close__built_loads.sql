{{ config(materialized='table') }}

{#
    One row per source that the build reads: when the newest of the loads that it saw was committed. A table, so that a
    closing can tell whether something was loaded after the figures were built.
#}
with

reports as (
    select * from {{ ref('int_reports__loads_unioned') }}
),

finance_readings as (
    select * from {{ ref('stg_finance__report_loads') }}
),

loads as (
    select
        source,
        status,
        loaded_at
    from reports
    union all
    select
        source,
        status,
        loaded_at
    from finance_readings
),

{% set sources = ['roster', 'model_prices', 'finance'] + enabled_vendors() %}
{% for source in ['github_copilot', 'github_billing', 'focus'] if var(source ~ '_enabled') %}
{% do sources.append(source) %}
{% endfor %}
sources as (
    {% for source in sources %}
    select cast('{{ source }}' as {{ dbt.type_string() }}) as source
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
)

{# What was read and had not changed makes no figure another. #}
select
    sources.source,
    max(loads.loaded_at) as loaded_at
from sources
left join loads
    on
        sources.source = loads.source
        and loads.status in ('loaded', 'rejected')
group by sources.source
