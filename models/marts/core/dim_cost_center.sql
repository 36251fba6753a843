{# One row per cost center that the roster or the tag of a key names. #}
with

roster_periods as (
    select * from {{ ref('int_identity__roster_periods') }}
),

principals as (
    select * from {{ ref('int_identity__principals_tagged') }}
),

named_cost_centers as (
    select
        cost_center_key,
        case when {{ as_of_date() }} between starts_on and ends_on then person_key end as person_key
    from roster_periods

    union all

    select
        tagged_cost_center_key as cost_center_key,
        cast(null as {{ dbt.type_string() }}) as person_key
    from principals
    where not is_person
)

select
    cost_center_key,
    count(distinct person_key) as people
from named_cost_centers
where cost_center_key is not null
group by cost_center_key
