{{ config(enabled=var('github_billing_enabled')) }}

{#
    No row of GitHub's billing reports is lost on the way, and none is counted twice: what each report says is all
    classified; of every account, day and class one report speaks; and what the speaking ones say is charged or, where it
    is no spend on coding agents, left out and told.
#}
with

staged as (
    select report as source_report, account_id, net_amount
    from {{ ref('stg_github_billing__export_rows') }}
    union all
    select report as source_report, account_id, net_amount
    from {{ ref('stg_github_billing__model_items') }}
    union all
    select 'usage' as source_report, account_id, net_amount
    from {{ ref('stg_github_billing__usage_items') }}
),

sources as (
    select * from {{ ref('int_billing__github_sources') }}
),

figures as (
    select
        'classified' as what,
        account_id || ' ' || source_report as subject,
        count(*) as told_rows,
        sum(net_amount) as told_usd,
        0 as found_rows,
        0 as found_usd
    from staged
    group by account_id || ' ' || source_report

    union all

    select
        'classified' as what,
        account_id || ' ' || source_report as subject,
        0 as told_rows,
        0 as told_usd,
        row_count as found_rows,
        net_usd as found_usd
    from sources

    union all

    select
        'charged or left out' as what,
        account_id as subject,
        row_count as told_rows,
        net_usd as told_usd,
        0 as found_rows,
        0 as found_usd
    from sources
    where is_speaking

    union all

    select
        'charged or left out' as what,
        account_id as subject,
        0 as told_rows,
        0 as told_usd,
        1 as found_rows,
        billed_cost as found_usd
    from {{ ref('fct_billed_charges') }}
    where
        vendor = 'github_copilot'
        and source_report in (select sources.source_report from sources)

    union all

    select
        'charged or left out' as what,
        account_id as subject,
        0 as told_rows,
        0 as told_usd,
        row_count as found_rows,
        net_usd as found_usd
    from {{ ref('int_billing__github_left_out') }}
),

sums as (
    select
        what,
        subject,
        sum(told_rows) as told_rows,
        sum(found_rows) as found_rows,
        coalesce(sum(told_usd), 0) as told_usd,
        coalesce(sum(found_usd), 0) as found_usd
    from figures
    group by what, subject
),

voices as (
    select
        account_id,
        sku_class,
        usage_date,
        is_month,
        sum(case when is_speaking then 1 else 0 end) as speaking_reports
    from sources
    group by account_id, sku_class, usage_date, is_month
)

select
    what,
    subject,
    told_rows,
    found_rows,
    told_usd,
    found_usd
from sums
where told_rows <> found_rows or told_usd <> found_usd

union all

select
    'one report speaks' as what,
    account_id || ' ' || sku_class || ' ' || cast(usage_date as {{ dbt.type_string() }}) as subject,
    1 as told_rows,
    speaking_reports as found_rows,
    0 as told_usd,
    0 as found_usd
from voices
where speaking_reports > 1 or (speaking_reports = 0 and not is_month)
