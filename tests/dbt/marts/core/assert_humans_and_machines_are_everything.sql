{#
    Law 2: the human series and the machine series of a vendor, day and unit, which are never shown as one, add up to what
    was extracted. The total is taken before anything is known of the principals.
#}
with

extracted as (
    select
        vendor,
        usage_date,
        credit_unit,
        count(*) as row_count,
        coalesce(sum(credits), 0) as credits,
        coalesce(sum(usage_value_usd), 0) as usage_value_usd,
        sum(records) as records,
        sum(unpriced_records) as unpriced_records
    from {{ ref('int_usage__credits_unioned') }}
    group by vendor, usage_date, credit_unit
),

series as (
    select
        vendor,
        usage_date,
        credit_unit,
        case
            when principal_kind in ('human_seat', 'human_api_key') then 'human'
            when principal_kind in (
                'machine_key', 'service_account', 'cloud_agent', 'shared_key', 'unattributed'
            ) then 'machine'
        end as series,
        count(*) as row_count,
        coalesce(sum(credits), 0) as credits,
        coalesce(sum(usage_value_usd), 0) as usage_value_usd,
        sum(records) as records,
        sum(unpriced_records) as unpriced_records
    from {{ ref('fct_credits_daily') }}
    group by
        vendor,
        usage_date,
        credit_unit,
        case
            when principal_kind in ('human_seat', 'human_api_key') then 'human'
            when principal_kind in (
                'machine_key', 'service_account', 'cloud_agent', 'shared_key', 'unattributed'
            ) then 'machine'
        end
),

both_series as (
    select
        vendor,
        usage_date,
        credit_unit,
        sum(row_count) as row_count,
        sum(credits) as credits,
        sum(usage_value_usd) as usage_value_usd,
        sum(records) as records,
        sum(unpriced_records) as unpriced_records
    from series
    where series is not null
    group by vendor, usage_date, credit_unit
)

select
    extracted.vendor,
    extracted.usage_date,
    extracted.credits as extracted_credits,
    both_series.credits as credits_of_both_series
from extracted
full outer join both_series
    on
        extracted.vendor = both_series.vendor
        and extracted.usage_date = both_series.usage_date
        and extracted.credit_unit = both_series.credit_unit
where
    coalesce(extracted.row_count, -1) <> coalesce(both_series.row_count, -1)
    or extracted.credits <> both_series.credits
    or extracted.usage_value_usd <> both_series.usage_value_usd
    or extracted.records <> both_series.records
    or extracted.unpriced_records <> both_series.unpriced_records
