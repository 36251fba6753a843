{{ config(enabled=var('github_copilot_enabled')) }}

{#
    What a current user report says it held, records and credits, is what lies in the warehouse: nothing was lost or
    repeated between the vendor's file and the raw table.
#}
with

current_reports as (
    select * from {{ ref('stg_github_copilot__current_reports') }}
    where report in ('users-1-day', 'users-28-day')
),

stored as (
    select
        report_load_key,
        count(*) as record_count,
        sum(ai_credits) as credits_sum
    from {{ ref('stg_github_copilot__user_days') }}
    group by report_load_key
)

select
    current_reports.report_load_key,
    current_reports.record_count,
    stored.record_count as stored_record_count,
    current_reports.credits_sum,
    stored.credits_sum as stored_credits_sum
from current_reports
left join stored
    on current_reports.report_load_key = stored.report_load_key
where
    coalesce(current_reports.record_count, 0) <> coalesce(stored.record_count, 0)
    or coalesce(current_reports.credits_sum, 0) <> coalesce(stored.credits_sum, 0)
