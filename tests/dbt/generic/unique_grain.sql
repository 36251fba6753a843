{# No two rows share these columns. NULLs count as equal, and a NULL in a grain is no failure by itself. #}
{% test unique_grain(model, columns) %}

select
    {{ columns | join(', ') }},
    count(*) as row_count
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1

{% endtest %}
