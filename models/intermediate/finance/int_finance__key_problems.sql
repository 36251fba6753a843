{#
    One row per row of an input of finance whose key is there twice: the later one, in the order of files and lines. It
    names the first. Rows whose key cannot be read are told of elsewhere.
#}
with

{% for input, of in finance_inputs().items() %}
{% set keys = [] %}
{% set required = [] %}
{% for column in of.key %}
{% set form = of.columns[column].form %}
{% set key = column %}
{% if form == 'whole' %}
{% set key = as_whole(column) %}
{% elif form == 'moment' %}
{% set key = as_moment(column) %}
{% endif %}
{% do keys.append(key) %}
{% if of.columns[column].required %}
{% do required.append(key ~ ' is not null') %}
{% endif %}
{% endfor %}
{{ input }} as (
    select * from {{ ref('int_finance__' ~ input ~ '_rows') }}
),

{{ input }}_by_key as (
    select
        source_file,
        line_number,
        row_number() over of_the_key as place,
        first_value(source_file) over of_the_key as first_file,
        first_value(line_number) over of_the_key as first_line
    from {{ input }}
    where {{ required | join(' and ') }}
    window
        of_the_key as (
            partition by {{ keys | join(', ') }}
            order by {{ binary_order('source_file') }}, line_number
        )
){{ ',' if not loop.last }}

{% endfor %}
{% for input, of in finance_inputs().items() %}
select
    '{{ input }}' as input,
    source_file,
    line_number,
    '{{ of.key | join(', ') }}' as field,
    'the same as in ' || first_file
    || ' line ' || cast(first_line as {{ dbt.type_string() }}) as problem,
    'keep one of the two' as remedy
from {{ input }}_by_key
where place > 1
{% if not loop.last %}union all{% endif %}

{% endfor %}
