{# None of these columns is ever NULL: one test for the keys of a model instead of one for each of them. #}
{% test never_null(model, columns) %}

select {{ columns | join(', ') }}
from {{ model }}
where
    {% for column in columns -%}
        {{ 'or ' if not loop.first }}{{ column }} is null
    {% endfor %}

{% endtest %}
