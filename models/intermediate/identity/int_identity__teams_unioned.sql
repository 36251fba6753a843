{#
    One row per team key and source that names it. Sources meet here: roster, vendors, the tags of keys, and the reasons
    for which use has no team, which stand as teams of their own so that team sums add up to the total.
#}
with

{% if var('github_copilot_enabled') %}
github_teams as (
    select * from {{ ref('int_identity__github_teams') }}
),
{% endif %}

{% if var('cursor_enabled') %}
cursor_group_periods as (
    select * from {{ ref('int_identity__cursor_group_periods') }}
),
{% endif %}

api_key_tags as (
    select * from {{ ref('int_settings__api_key_tags') }}
),

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
    5 as preference
{% endfor %}

union all

select
    {{ slug('owner_team') }} as team_key,
    min(trim(owner_team)) as team_name,
    'tag' as team_source,
    4 as preference
from api_key_tags
where {{ slug('owner_team') }} is not null
group by {{ slug('owner_team') }}

{% if var('github_copilot_enabled') %}
union all

select distinct
    team_key,
    team_key as team_name,
    'github' as team_source,
    2 as preference
from github_teams
{% endif %}

{% if var('cursor_enabled') %}
union all

select distinct
    team_key,
    team_key as team_name,
    'cursor' as team_source,
    3 as preference
from cursor_group_periods
where team_key is not null
{% endif %}
