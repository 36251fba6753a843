{#
    One row per team key and source that names it. Sources meet here: roster, GitHub, and the reasons for which use has
    no team, which stand as teams of their own so that team sums add up to the total.
#}
with

{% if var('github_copilot_enabled') %}
github_teams as (
    select * from {{ ref('int_identity__github_teams') }}
),
{% endif %}

roster_periods as (
    select * from {{ ref('int_identity__roster_periods') }}
)

select
    team_key,
    min(team_name) as team_name,
    'roster' as team_source,
    1 as preference
from roster_periods
where team_key is not null
group by team_key

{% for reason in unattributed_reasons() %}
union all

select
    'unattributed:{{ reason }}' as team_key,
    'Unattributed: {{ reason | replace('_', ' ') }}' as team_name,
    'unattributed' as team_source,
    3 as preference
{% endfor %}

{% if var('github_copilot_enabled') %}
union all

select distinct
    team_key,
    team_key as team_name,
    'github' as team_source,
    2 as preference
from github_teams
{% endif %}
