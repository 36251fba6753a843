{#
    One row per usage hour, vendor, account, product, principal and credit unit, of vendors that give hours: the credits
    consumed and what they are worth. The hour is UTC; reporting_date and reporting_hour are what the clock of the
    variable reporting_timezone showed when it began. The daily ledger keeps UTC days.
#}
with

credit_hours as (
    select * from {{ ref('int_usage__credit_hours_unioned') }}
),

principals as (
    select * from {{ ref('int_identity__principals_tagged') }}
),

reported_hours as (
    select
        *,
        {{ reporting_time('usage_hour') }} as reporting_time
    from credit_hours
)

select
    reported_hours.usage_hour,
    cast(reported_hours.reporting_time as date) as reporting_date,
    cast(extract(hour from reported_hours.reporting_time) as integer) as reporting_hour,
    reported_hours.vendor,
    reported_hours.account_id,
    reported_hours.product,
    reported_hours.principal_key,
    reported_hours.credit_unit,
    principals.principal_kind,
    reported_hours.credits,
    reported_hours.usage_value_usd,
    reported_hours.records,
    reported_hours.unpriced_records
from reported_hours
left join principals
    on
        reported_hours.vendor = principals.vendor
        and reported_hours.principal_key = principals.principal_key
