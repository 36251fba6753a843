{#
    One row per team that anything may be attributed to, and one per reason for which it could not be.
#}
with

teams as (
    select * from {{ ref('int_identity__teams_unioned') }}
),

{# A team that the roster and GitHub both name is one team; the roster's spelling is shown. #}
ranked_teams as (
    select
        *,
        row_number() over (partition by team_key order by preference) as choice
    from teams
)

select
    team_key,
    team_name,
    team_source,
    team_source = 'unattributed' as is_unattributed
from ranked_teams
where choice = 1
