{#
    In every series, what the months show and the corrections posted in them add up to what is known now, whichever months
    are closed: nothing is lost by closing, and nothing is counted twice.
#}
{% set measures = ['billed_usd', 'list_usd', 'estimated_usd', 'invoiced_usd'] %}
with

sides as (
    select
        vendor,
        series,
        {% for measure in measures -%}
            coalesce({{ measure }}, 0) + coalesce(corrections_{{ measure }}, 0) as {{ measure }}
            {{- ',' if not loop.last }}
        {% endfor %}
    from {{ ref('fct_spend_monthly') }}
    union all
    select
        vendor,
        series,
        {% for measure in measures -%}
            -coalesce({{ measure }}, 0) as {{ measure }}
            {{- ',' if not loop.last }}
        {% endfor %}
    from {{ ref('int_billing__spend_months') }}
)

select
    vendor,
    series,
    {% for measure in measures -%}
        sum({{ measure }}) as {{ measure }}
        {{- ',' if not loop.last }}
    {% endfor %}
from sides
group by vendor, series
having
    {% for measure in measures -%}
        {{ 'or ' if not loop.first }}sum({{ measure }}) <> 0
    {% endfor %}
