{#
    One row per vendor, principal and day for which the vendor knows teams: how many, and which when it is one.
    Vendors meet here. The first arm has no rows; it names and types the columns.
#}
{% if var('github_copilot_enabled') %}
with

github_account_teams as (
    select * from {{ ref('int_identity__github_account_teams') }}
)
{% endif %}

select
    cast(null as {{ dbt.type_string() }}) as vendor,
    cast(null as {{ dbt.type_string() }}) as principal_key,
    cast(null as {{ dbt.type_string() }}) as team_key,
    cast(null as bigint) as team_count,
    cast(null as date) as usage_date
where 1 = 0

{% if var('github_copilot_enabled') %}
union all

select
    'github_copilot' as vendor,
    user_key as principal_key,
    team_key,
    team_count,
    usage_date
from github_account_teams
{% endif %}

{% if var('cursor_enabled') %}
union all

select
    'cursor' as vendor,
    principal_key,
    team_key,
    team_count,
    usage_date
from {{ ref('int_identity__cursor_account_teams') }}
{% endif %}
