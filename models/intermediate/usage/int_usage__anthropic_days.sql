{{ config(materialized='table', enabled=var('anthropic_enabled')) }}

{#
    One row per account and day of which use or cost is loaded, with the report that tells of it: the unified analytics
    where they have the day, else the older reports, else an export. The others' rows of that day do not count.
#}
with

report_days as (
    select
        account_id,
        report,
        report_date,
        case report
            when 'analytics-cost' then 1
            when 'analytics-usage' then 2
            when 'spend-report-csv' then 4
            else 3
        end as preference
    from {{ ref('int_reports__days') }}
    where source = 'anthropic'
),

tokens_days as (
    select
        account_id,
        report,
        report_date,
        row_number() over (
            partition by account_id, report_date order by preference
        ) as choice
    from report_days
    where report in ('analytics-usage', 'messages-usage', 'user-usage', 'spend-report-csv')
),

{# Where only the tokens of a day are there, they are priced, whoever told them. #}
credits_days as (
    select
        account_id,
        report,
        report_date,
        row_number() over (
            partition by account_id, report_date order by preference
        ) as choice
    from report_days
    where
        report in (
            'analytics-cost', 'analytics-usage', 'messages-usage', 'user-usage', 'spend-report-csv'
        )
),

billed_days as (
    select
        account_id,
        report,
        report_date,
        row_number() over (
            partition by account_id, report_date order by preference
        ) as choice
    from report_days
    where report in ('analytics-cost', 'cost-report', 'user-cost')
),

all_days as (
    select account_id, report_date from credits_days
    union
    select account_id, report_date from billed_days
)

select
    all_days.account_id,
    case
        when credits_days.report like 'analytics-%' then 'analytics'
        when credits_days.report = 'spend-report-csv' then 'export'
        else 'legacy'
    end as authority,
    tokens_days.report as tokens_report,
    credits_days.report as credits_report,
    billed_days.report as billed_report,
    all_days.report_date as usage_date
from all_days
left join tokens_days
    on
        all_days.account_id = tokens_days.account_id
        and all_days.report_date = tokens_days.report_date
        and tokens_days.choice = 1
left join credits_days
    on
        all_days.account_id = credits_days.account_id
        and all_days.report_date = credits_days.report_date
        and credits_days.choice = 1
left join billed_days
    on
        all_days.account_id = billed_days.account_id
        and all_days.report_date = billed_days.report_date
        and billed_days.choice = 1
