{# The expression holds for every row; NULL is a failure too. #}
{% test always_true(model, expression) %}

select *
from {{ model }}
where not coalesce({{ expression }}, false)

{% endtest %}
