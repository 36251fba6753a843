{#
    One row per burn pattern: what it means and where to look.
#}
with

rules as (
    select * from {{ ref('burn_pattern_rules') }}
)

select
    pattern,
    what_it_means,
    what_to_look_at
from rules
