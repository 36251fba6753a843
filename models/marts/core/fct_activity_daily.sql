{#
    One row per usage date, vendor, account and principal: what the vendor counted. A measure that the vendor did not
    tell is NULL, and a row is not an active day: is_active says whether something was done.
#}
with

activity as (
    select * from {{ ref('int_usage__activity_unioned') }}
),

principals as (
    select * from {{ ref('int_identity__principals_tagged') }}
),

principal_days as (
    select * from {{ ref('int_identity__principal_days') }}
)

select
    activity.usage_date,
    activity.vendor,
    activity.account_id,
    activity.principal_key,
    principals.principal_kind,
    principal_days.person_key,
    principal_days.team_key,
    principal_days.cost_center_key,
    principal_days.unattributed_reason,
    activity.interactions,
    activity.requests,
    activity.sessions,
    activity.prompts,
    activity.suggestions,
    activity.acceptances,
    activity.lines_suggested_to_add,
    activity.lines_suggested_to_delete,
    activity.lines_added,
    activity.lines_deleted,
    activity.vendor_estimate_usd,
    activity.is_active,
    activity.is_final,
    activity.data_complete_through
from activity
left join principals
    on
        activity.vendor = principals.vendor
        and activity.principal_key = principals.principal_key
left join principal_days
    on
        activity.vendor = principal_days.vendor
        and activity.principal_key = principal_days.principal_key
        and activity.usage_date = principal_days.usage_date
