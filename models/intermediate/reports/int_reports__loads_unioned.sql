{#
    One row per report that any source asked for. Sources meet here; freshness, completeness and restatements read only
    this. Roster and price book belong to no vendor, so this compiles with every vendor switched off.

    Of the reports of an account that tell of the same (tells_of), one speaks for a day.
    days_until_due is how long after its day a vendor has a report, final_after_days how long it may still change it.
    The extraction reads again by the same numbers (dlt_pipelines/windows.py and the vendors' settings).
#}
with

{% if var('github_copilot_enabled') %}
github_copilot_loads as (
    select
        *,
        report like '%-1-day' as is_dated,
        {# GitHub has a day's report within two full UTC days after the day, so it is due on the third. #}
        case when report like '%-1-day' then 3 else 0 end as days_until_due,
        4 as final_after_days
    from {{ ref('stg_github_copilot__report_loads') }}
),
{% endif %}

{% if var('github_billing_enabled') %}
github_billing_loads as (
    select
        *,
        {# Exports dropped by hand come when they come; months and lists are read as they are. #}
        report in (
            'ai-credit-export',
            'premium-request-export',
            'detailed-export',
            'usage',
            'ai-credit-usage',
            'premium-request-usage'
        ) as is_dated,
        {# AI credits took the place of premium requests: a day is told of by the one or by the other. #}
        case
            when
                report in (
                    'ai-credit-export',
                    'ai-credit-csv',
                    'premium-request-export',
                    'premium-request-csv'
                ) then 'ai-credits'
            when report in ('detailed-export', 'detailed-csv') then 'detailed'
            when report in ('ai-credit-usage', 'premium-request-usage') then 'model-usage'
            else report
        end as tells_of,
        case
            when report in ('budgets', 'cost-centers', 'usage-month', 'usage-summary') then 0
            when report like '%-csv' or report = 'superseded-exports' then 31
            else 2
        end as days_until_due,
        {# Use is booked late: a day is read again until its month has been invoiced. #}
        35 as final_after_days
    from {{ ref('stg_github_billing__report_loads') }}
),
{% endif %}

{% if var('anthropic_enabled') %}
anthropic_loads as (
    select
        *,
        report in (
            'analytics-usage',
            'analytics-cost',
            'messages-usage',
            'cost-report',
            'claude-code',
            'user-usage',
            'user-cost',
            'users-activity',
            'summaries'
        ) as is_dated,
        {# Each day is told of by the unified analytics or by the older reports, never by both. #}
        case
            when report in ('analytics-usage', 'messages-usage', 'user-usage') then 'usage'
            when report in ('analytics-cost', 'cost-report', 'user-cost') then 'cost'
            else report
        end as tells_of,
        {# Costs are a day late, snapshots of activity up to two; exports are dropped by hand, once a month. #}
        case
            when report in ('messages-usage', 'claude-code') then 1
            when report in ('analytics-usage', 'analytics-cost', 'user-usage', 'user-cost') then 2
            when report = 'cost-report' then 2
            when report in ('users-activity', 'summaries') then 3
            when report = 'spend-report-csv' then 31
            else 0
        end as days_until_due,
        {# What an Enterprise pays is restated for 30 days; that is also when it is fit for an invoice. #}
        case
            when report in (
                'analytics-usage', 'analytics-cost', 'user-usage', 'user-cost', 'spend-report-csv'
            ) then 30
            else 4
        end as final_after_days
    from {{ ref('stg_anthropic__report_loads') }}
),
{% endif %}

{% if var('cursor_enabled') %}
cursor_loads as (
    select
        *,
        report in ('usage-events', 'daily-usage') as is_dated,
        case
            when report in ('usage-events', 'daily-usage') then 1
            when report = 'usage-events-csv' then 31
            else 0
        end as days_until_due,
        {# Charges may change until their billing cycle has closed. #}
        35 as final_after_days
    from {{ ref('stg_cursor__report_loads') }}
),
{% endif %}

{% if var('openai_enabled') %}
openai_loads as (
    select
        *,
        report = 'costs' or report like '%usage%' as is_dated,
        case
            when report = 'costs' or report = 'codex-usage' then 2
            when report like 'usage-%' then 1
            else 0
        end as days_until_due,
        4 as final_after_days
    from {{ ref('stg_openai__report_loads') }}
),
{% endif %}

{% if var('focus_enabled') %}
focus_loads as (
    select
        *,
        false as is_dated,
        {# Files are dropped by hand or once a day, of a month; costs may change until the month is invoiced. #}
        31 as days_until_due,
        35 as final_after_days
    from {{ ref('stg_focus__report_loads') }}
),
{% endif %}

roster_loads as (
    select
        *,
        false as is_dated,
        0 as days_until_due,
        0 as final_after_days
    from {{ ref('stg_roster__report_loads') }}
),

{# A price library is read on every run and changes when a newer version of it is installed. #}
model_prices_loads as (
    select
        *,
        false as is_dated,
        0 as days_until_due,
        0 as final_after_days
    from {{ ref('stg_model_prices__report_loads') }}
)

{% set sources = ['roster', 'model_prices'] + enabled_vendors() %}
{% if var('github_copilot_enabled') %}
{% do sources.append('github_copilot') %}
{% endif %}
{% if var('focus_enabled') %}
{% do sources.append('focus') %}
{% endif %}
{% if var('github_billing_enabled') %}
{% do sources.append('github_billing') %}
{% endif %}
{% for source in sources %}
select
    report_load_key,
    source,
    account_id,
    scope,
    report,
    {{ 'tells_of' if source in ['anthropic', 'github_billing'] else 'report' }} as tells_of,
    status,
    record_count,
    user_count,
    credits_sum,
    is_dated,
    unknown_fields is not null as has_unknown_fields,
    cast(days_until_due as bigint) as days_until_due,
    cast(final_after_days as bigint) as final_after_days,
    report_date,
    coalesce(window_start, report_date) as window_start,
    coalesce(window_end, report_date) as window_end,
    downloaded_at,
    loaded_at
from {{ source }}_loads
{% if not loop.last %}union all{% endif %}

{% endfor %}
