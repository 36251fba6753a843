{#
    One row per cell of a row of an input of finance, with what it may hold: its form, whether it must be filled, the
    words or the bounds that are allowed. What that is for each column stands in the macro finance_inputs.
#}
with

{% for input in finance_inputs() %}
{{ input }} as (
    select * from {{ ref('int_finance__' ~ input ~ '_rows') }}
){{ ',' if not loop.last }}

{% endfor %}
{% for input, of in finance_inputs().items() %}
{% set last_input = loop.last %}
{% for column, rule in of.columns.items() %}
{% set words = "'" ~ rule.words | join(', ') ~ "'" if rule.words else 'null' %}
{% set lowest = rule.lowest if rule.lowest is defined else 'null' %}
{% set highest = rule.highest or 'null' %}
{% if rule.above_zero %}
{% set bounds = "'above zero'" %}
{% elif rule.highest %}
{% set bounds = "'from " ~ lowest ~ " to " ~ highest ~ "'" %}
{% else %}
{% set bounds = "'zero or more'" if lowest == 0 else 'null' %}
{% endif %}
select
    '{{ input }}' as input,
    source_file,
    line_number,
    '{{ column }}' as field,
    {{ column }} as cell,
    '{{ rule.form or 'text' }}' as form,
    coalesce({{ rule.required_where or (rule.required or false) }}, false) as is_required,
    cast({{ words }} as {{ dbt.type_string() }}) as words,
    cast({{ lowest }} as bigint) as lowest,
    cast({{ highest }} as bigint) as highest,
    {{ rule.above_zero or false }} as is_above_zero,
    cast({{ bounds }} as {{ dbt.type_string() }}) as bounds,
    '{{ rule.if_blank or 'fill it in' }}' as if_blank
from {{ input }}
{% if not (last_input and loop.last) %}union all{% endif %}

{% endfor %}
{% endfor %}
