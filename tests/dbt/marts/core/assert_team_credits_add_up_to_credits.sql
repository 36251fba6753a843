{# The teams of a day, the unattributed among them, add up to its total, per vendor, principal kind and unit. #}
with

of_principals as (
    select
        vendor,
        usage_date,
        principal_kind,
        credit_unit,
        count(*) as principals,
        coalesce(sum(credits), 0) as credits,
        coalesce(sum(usage_value_usd), 0) as usage_value_usd
    from {{ ref('fct_credits_daily') }}
    group by vendor, usage_date, principal_kind, credit_unit
),

of_teams as (
    select
        vendor,
        usage_date,
        principal_kind,
        credit_unit,
        sum(principals) as principals,
        coalesce(sum(credits), 0) as credits,
        coalesce(sum(usage_value_usd), 0) as usage_value_usd
    from {{ ref('fct_team_credits_daily') }}
    group by vendor, usage_date, principal_kind, credit_unit
)

select
    of_principals.credits as credits_of_principals,
    of_teams.credits as credits_of_teams
from of_principals
full outer join of_teams
    on
        of_principals.vendor = of_teams.vendor
        and of_principals.usage_date = of_teams.usage_date
        and of_principals.principal_kind = of_teams.principal_kind
        and of_principals.credit_unit = of_teams.credit_unit
where
    of_principals.vendor is null
    or of_teams.vendor is null
    or of_principals.credits <> of_teams.credits
    or of_principals.usage_value_usd <> of_teams.usage_value_usd
