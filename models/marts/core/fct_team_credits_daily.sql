{#
    One row per usage date, vendor, team, principal kind and credit unit. Use without a team stands under the team keys
    unattributed:<reason>, so that the teams of a day add up to its total.
#}
with

credits as (
    select * from {{ ref('fct_credits_daily') }}
)

select
    usage_date,
    vendor,
    coalesce(team_key, 'unattributed:' || unattributed_reason) as team_key,
    principal_kind,
    credit_unit,
    {{ money('sum(credits)') }} as credits,
    {{ money('sum(usage_value_usd)') }} as usage_value_usd,
    count(distinct case when credits > 0 then person_key end) as people,
    count(distinct principal_key) as principals,
    count(distinct case when credits is null then principal_key end) as principals_without_credits,
    cast(sum(unpriced_records) as bigint) as unpriced_records,
    min(case when is_final then 1 else 0 end) = 1 as is_final
from credits
group by
    usage_date,
    vendor,
    coalesce(team_key, 'unattributed:' || unattributed_reason),
    principal_kind,
    credit_unit
