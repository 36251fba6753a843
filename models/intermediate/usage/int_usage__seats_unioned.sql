{#
    One row per vendor and principal who holds a seat today, of vendors that list them. Vendors meet here.
    The first arm has no rows; it names and types the columns.
#}
select
    cast(null as {{ dbt.type_string() }}) as vendor,
    cast(null as {{ dbt.type_string() }}) as principal_key,
    cast(null as date) as seat_since_date,
    cast(null as date) as last_activity_date,
    cast(null as date) as snapshot_date
where 1 = 0

{% if var('github_copilot_enabled') %}
union all

select
    'github_copilot' as vendor,
    user_key as principal_key,
    seat_since_date,
    last_activity_date,
    snapshot_date
from {{ ref('int_usage__github_copilot_seats') }}
{% endif %}

{% if var('cursor_enabled') %}
union all

select
    'cursor' as vendor,
    principal_key,
    seat_since_date,
    last_activity_date,
    snapshot_date
from {{ ref('int_usage__cursor_seats') }}
{% endif %}
