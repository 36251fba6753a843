{#
    Law 4: per vendor, day and unit, what has a team and what has a reason add up to what was extracted, in credits, in
    value and in rows. The total is taken before attribution, so a join that loses or repeats a row shows here.
#}
with

extracted as (
    select
        vendor,
        usage_date,
        credit_unit,
        count(*) as row_count,
        coalesce(sum(credits), 0) as credits,
        coalesce(sum(usage_value_usd), 0) as usage_value_usd
    from {{ ref('int_usage__credits_unioned') }}
    group by vendor, usage_date, credit_unit
),

attributed as (
    select
        vendor,
        usage_date,
        credit_unit,
        count(case when team_key is not null then 1 end)
        + count(case when unattributed_reason is not null then 1 end) as row_count,
        coalesce(sum(case when team_key is not null then credits end), 0)
        + coalesce(sum(case when unattributed_reason is not null then credits end), 0) as credits,
        coalesce(sum(case when team_key is not null then usage_value_usd end), 0)
        + coalesce(sum(case when unattributed_reason is not null then usage_value_usd end), 0)
            as usage_value_usd
    from {{ ref('fct_credits_daily') }}
    group by vendor, usage_date, credit_unit
)

select
    extracted.row_count as extracted_rows,
    attributed.row_count as attributed_rows,
    extracted.credits as extracted_credits,
    attributed.credits as attributed_credits
from extracted
full outer join attributed
    on
        extracted.vendor = attributed.vendor
        and extracted.usage_date = attributed.usage_date
        and extracted.credit_unit = attributed.credit_unit
where
    coalesce(extracted.row_count, -1) <> coalesce(attributed.row_count, -1)
    or extracted.credits <> attributed.credits
    or extracted.usage_value_usd <> attributed.usage_value_usd
