{# One row per cost center that the roster names. #}
with

roster_periods as (
    select * from {{ ref('int_identity__roster_periods') }}
)

select
    cost_center_key,
    count(
        distinct case
            when {{ as_of_date() }} between starts_on and ends_on then person_key
        end
    ) as people
from roster_periods
where cost_center_key is not null
group by cost_center_key
