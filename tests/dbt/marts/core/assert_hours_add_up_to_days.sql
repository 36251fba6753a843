{# The hours of a UTC day add up to the day, for vendors that give hours. #}
with

hours as (
    select
        cast(usage_hour as date) as usage_date,
        vendor,
        account_id,
        product,
        principal_key,
        credit_unit,
        sum(credits) as credits,
        sum(records) as records
    from {{ ref('fct_credits_hourly') }}
    group by
        cast(usage_hour as date), vendor, account_id, product, principal_key, credit_unit
),

days as (
    select *
    from {{ ref('fct_credits_daily') }}
    where vendor in (select hours.vendor from hours)
)

{# Each hour is rounded to a billionth of a dollar, and so is the day. #}
select
    coalesce(days.vendor, hours.vendor) as vendor,
    coalesce(days.usage_date, hours.usage_date) as usage_date,
    days.credits as credits_of_day,
    hours.credits as credits_of_hours
from days
full outer join hours
    on
        days.vendor = hours.vendor
        and days.usage_date = hours.usage_date
        and days.account_id = hours.account_id
        and days.product = hours.product
        and days.principal_key = hours.principal_key
        and days.credit_unit = hours.credit_unit
where
    coalesce(days.records, -1) <> coalesce(hours.records, -1)
    or (days.credits is null) <> (hours.credits is null)
    or abs(days.credits - hours.credits) > 0.000000024
