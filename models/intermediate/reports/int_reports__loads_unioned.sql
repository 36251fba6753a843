{#
    One row per report that any source asked for. Sources meet here; freshness, completeness and restatements read only
    this. The roster belongs to no vendor, so this compiles with every vendor switched off.
#}
with

{% if var('github_copilot_enabled') %}
github_copilot_loads as (
    select * from {{ ref('stg_github_copilot__report_loads') }}
),
{% endif %}

roster_loads as (
    select * from {{ ref('stg_roster__report_loads') }}
)

select
    report_load_key,
    source,
    account_id,
    scope,
    report,
    status,
    record_count,
    user_count,
    credits_sum,
    false as is_dated,
    unknown_fields is not null as has_unknown_fields,
    cast(0 as bigint) as days_until_due,
    report_date,
    coalesce(window_start, report_date) as window_start,
    coalesce(window_end, report_date) as window_end,
    downloaded_at,
    loaded_at
from roster_loads

{% if var('github_copilot_enabled') %}
union all

{# GitHub has a day's report within two full UTC days after the day, so it is due on the third. #}
select
    report_load_key,
    source,
    account_id,
    scope,
    report,
    status,
    record_count,
    user_count,
    credits_sum,
    report like '%-1-day' as is_dated,
    unknown_fields is not null as has_unknown_fields,
    cast(case when report like '%-1-day' then 3 else 0 end as bigint) as days_until_due,
    report_date,
    coalesce(window_start, report_date) as window_start,
    coalesce(window_end, report_date) as window_end,
    downloaded_at,
    loaded_at
from github_copilot_loads
{% endif %}
