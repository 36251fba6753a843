{# Validity periods of one key never overlap. First and last day are both inclusive; NULL is open. #}
{% test no_overlap(model, columns, valid_from='valid_from', valid_to='valid_to') %}

with

periods as (
    select
        {{ columns | join(', ') }},
        {{ valid_to }} as last_day,
        row_number() over (
            partition by {{ columns | join(', ') }}
            order by {{ valid_from }} nulls first, {{ valid_to }} nulls last
        ) as period_number,
        coalesce({{ valid_from }}, cast('0001-01-01' as date)) as first_day
    from {{ model }}
)

select
    {% for column in columns -%}
        earlier.{{ column }},
    {% endfor %}
    later.first_day
from periods as earlier
inner join periods as later
    on
        earlier.period_number + 1 = later.period_number
        {% for column in columns -%}
            and earlier.{{ column }} = later.{{ column }}
        {% endfor %}
where earlier.last_day is null or later.first_day <= earlier.last_day

{% endtest %}
