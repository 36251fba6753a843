{#
    Per vendor: every charge is in one month and series, billed and at list; every value of use is in one as well; and
    series never mix people's use with machines'.
#}
with

figures as (
    select
        vendor,
        billed_usd as told_billed_usd,
        list_usd as told_list_usd,
        {{ money('null') }} as told_value_usd,
        {{ money('null') }} as found_billed_usd,
        {{ money('null') }} as found_list_usd,
        {{ money('null') }} as found_value_usd
    from {{ ref('fct_billed_charges') }}

    union all

    select
        vendor,
        {{ money('null') }} as told_billed_usd,
        {{ money('null') }} as told_list_usd,
        usage_value_usd as told_value_usd,
        {{ money('null') }} as found_billed_usd,
        {{ money('null') }} as found_list_usd,
        {{ money('null') }} as found_value_usd
    from {{ ref('fct_credits_daily') }}

    union all

    select
        vendor,
        {{ money('null') }} as told_billed_usd,
        {{ money('null') }} as told_list_usd,
        {{ money('null') }} as told_value_usd,
        billed_usd as found_billed_usd,
        list_usd as found_list_usd,
        case when series in ('human_usage', 'machine_usage') then estimated_usd end
            as found_value_usd
    from {{ ref('int_billing__spend_months') }}
)

select
    vendor,
    sum(told_billed_usd) as told_billed_usd,
    sum(found_billed_usd) as found_billed_usd,
    sum(told_list_usd) as told_list_usd,
    sum(found_list_usd) as found_list_usd,
    sum(told_value_usd) as told_value_usd,
    sum(found_value_usd) as found_value_usd
from figures
group by vendor
having
    coalesce(sum(told_billed_usd), 0) <> coalesce(sum(found_billed_usd), 0)
    or coalesce(sum(told_list_usd), 0) <> coalesce(sum(found_list_usd), 0)
    or coalesce(sum(told_value_usd), 0) <> coalesce(sum(found_value_usd), 0)
