{{ config(materialized='table') }}

{#
    One row per period, figure and subject: what a closing of the month writes down, and, for a month that is closed,
    how it looks now. Besides the month's own figures it has the corrections of earlier months that are posted in it,
    as corrections.<figure> with the subject <corrected month>|<subject>, so that they are posted once and never again.
    A table: what is closed is what was built and checked.
#}
with

known_figures as (
    select * from {{ ref('int_close__known_figures') }}
),

corrections as (
    select * from {{ ref('int_close__corrections') }}
)

select
    period,
    figure,
    subject,
    unit,
    amount
from known_figures

union all

select
    posting_month as period,
    'corrections.' || figure as figure,
    substr(cast(corrected_month as {{ dbt.type_string() }}), 1, 7) || '|' || subject as subject,
    unit,
    amount
from corrections
