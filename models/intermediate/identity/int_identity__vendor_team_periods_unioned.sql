{#
    One row per vendor, principal, source, team and period for which the vendor knows the principal in a team.
    Vendors meet here. The first arm has no rows; it names and types the columns.
#}
{% if var('github_copilot_enabled') %}
with

github_team_periods as (
    select * from {{ ref('int_identity__github_team_periods') }}
)
{% endif %}

select
    cast(null as {{ dbt.type_string() }}) as vendor,
    cast(null as {{ dbt.type_string() }}) as principal_key,
    cast(null as {{ dbt.type_string() }}) as team_key,
    cast(null as {{ dbt.type_string() }}) as membership_source,
    cast(null as date) as valid_from,
    cast(null as date) as valid_to
where 1 = 0

{% if var('github_copilot_enabled') %}
union all

{# Two asked accounts may tell of the same team by the same key: said once is enough. #}
select distinct
    'github_copilot' as vendor,
    user_key as principal_key,
    team_key,
    membership_source,
    valid_from,
    valid_to
from github_team_periods
{% endif %}

{% if var('cursor_enabled') %}
union all

select distinct
    'cursor' as vendor,
    principal_key,
    team_key,
    'cursor_billing_group' as membership_source,
    valid_from,
    valid_to
from {{ ref('int_identity__cursor_group_periods') }}
{% endif %}
