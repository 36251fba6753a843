{#
    One row per report asked for (account, report, day) and time of asking; append only. Every row, current or not.
#}
{# The export's costs are dollars, the API's cents. #}
{% set credits_sum -%}
    case
        when report = 'usage-events-csv' then {{ money('credits_sum') }}
        else {{ cents_to_usd('credits_sum') }}
    end
{%- endset %}
{{ report_loads('cursor', credits_sum=credits_sum) }}
