{#
    One row per row of an input of finance and mistake in it: where it is, what is wrong and how to mend it.

    The test assert_finance_inputs_are_good fails when there is any, and since int_finance__<input> reads this model,
    dbt then builds neither those nor anything that reads them. A table, so that reading an input does not mean to look
    for mistakes in all of them anew.
#}
{{ config(materialized='table') }}
with

{% set kinds = ['cell', 'key', 'period', 'invoice'] %}
{% for kind in kinds %}
{{ kind }}_problems as (
    select * from {{ ref('int_finance__' ~ kind ~ '_problems') }}
){{ ',' if not loop.last }}

{% endfor %}
{% for kind in kinds %}
select
    cast(input as {{ dbt.type_string() }}) as input,
    source_file,
    line_number,
    cast(field as {{ dbt.type_string() }}) as field,
    cast(problem as {{ dbt.type_string() }}) as problem,
    cast(remedy as {{ dbt.type_string() }}) as remedy
from {{ kind }}_problems
{% if not loop.last %}union all{% endif %}

{% endfor %}
