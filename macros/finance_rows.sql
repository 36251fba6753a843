{#
    The rows of an input of finance as written: those of the seed (in the demo's warehouse the demo's) and those of
    files in the folder. Blank is NULL. A row of a seed has no line number of its own: it gets its place in the file, which
    is its line as long as no cell holds a line break. Of two rows with one key the later one is the mistake, so the
    places must not change from one build to the next: see order_of_loading.
#}
{% macro finance_rows(input) %}
    {%- set columns = finance_inputs()[input].columns -%}
    {%- set seed = ('demo_' if var('demo_company') else '') ~ input -%}
    {%- set seed_file = 'seeds/' ~ ('demo/' if var('demo_company') else 'own/') ~ seed ~ '.csv' -%}
with

seed_rows as (
    select
        *,
        row_number() over ({{ order_of_loading() }}) + 1 as line_number
    from {{ ref(seed) }}
),

folder_rows as (
    select * from {{ ref('stg_finance__' ~ input) }}
)

select
    cast('{{ seed_file }}' as {{ dbt.type_string() }}) as source_file,
    line_number,
    {%- for column in columns %}
    nullif(trim({{ column }}), '') as {{ column }},
    {%- endfor %}
    cast(null as {{ dbt.type_string() }}) as extra
from seed_rows

union all

select
    source_file,
    line_number,
    {%- for column in columns %}
    nullif(trim({{ column }}), '') as {{ column }},
    {%- endfor %}
    extra
from folder_rows
{%- endmacro %}
