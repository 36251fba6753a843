{# The last day of a month that is given by its first. #}
{% macro month_end(month) -%}
    {{ add_days(dbt.dateadd('month', 1, month), -1) }}
{%- endmacro %}

{# The last day on which an invoice is in time for its month's books: soft_close_days after the end of the month. #}
{% macro books_close_on(month) -%}
    {{ add_days(dbt.dateadd('month', 1, month), var('soft_close_days') - 1) }}
{%- endmacro %}
