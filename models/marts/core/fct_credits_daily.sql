{#
    One row per usage date, vendor, account, product, principal and credit unit: the credits consumed, what they are
    worth, and whose they are. A consumption signal, not a bill.

    Days are UTC days for every vendor, whatever the reporting time zone is: most vendors give nothing finer, and days
    that begin at different hours could not be compared. fct_credits_hourly has the rest.
#}
with

credits as (
    select * from {{ ref('int_usage__credits_unioned') }}
),

principals as (
    select * from {{ ref('int_identity__principals_tagged') }}
),

principal_days as (
    select * from {{ ref('int_identity__principal_days') }}
)

select
    credits.usage_date,
    credits.vendor,
    credits.account_id,
    credits.product,
    credits.principal_key,
    credits.credit_unit,
    principals.principal_kind,
    principal_days.person_key,
    principal_days.team_key,
    principal_days.cost_center_key,
    principal_days.unattributed_reason,
    credits.value_basis,
    credits.credits,
    credits.usage_value_usd,
    credits.records,
    credits.unpriced_records,
    credits.is_final,
    credits.data_complete_through
from credits
left join principals
    on
        credits.vendor = principals.vendor
        and credits.principal_key = principals.principal_key
left join principal_days
    on
        credits.vendor = principal_days.vendor
        and credits.principal_key = principal_days.principal_key
        and credits.usage_date = principal_days.usage_date
