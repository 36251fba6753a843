{#
    The vendors that are switched on, out of those whose intermediate models share names and columns
    (int_usage__<vendor>_credits and so on). GitHub's models are shaped after its reports and are named where they are read.
#}
{% macro enabled_vendors() %}
    {% set vendors = [] %}
    {% for vendor in ['anthropic', 'cursor', 'openai'] if var(vendor ~ '_enabled') %}
        {% do vendors.append(vendor) %}
    {% endfor %}
    {{ return(vendors) }}
{% endmacro %}
