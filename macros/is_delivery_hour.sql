{#
    Whether a moment lies in the hours of the variable delivery_hours, such as 7-19: from the first up to, without, the
    second, on the clock of reporting_timezone. Hours that pass midnight are written 20-6.
#}
{% macro is_delivery_hour(moment) -%}
    {% set hours = var('delivery_hours').split('-') -%}
    {% set first_hour, last_hour = hours[0] | int, hours[1] | int -%}
    {% set hour = 'extract(hour from ' ~ reporting_time(moment) ~ ')' -%}
    ({{ hour }} >= {{ first_hour }} {{ 'and' if first_hour < last_hour else 'or' }} {{ hour }} < {{ last_hour }})
{%- endmacro %}
