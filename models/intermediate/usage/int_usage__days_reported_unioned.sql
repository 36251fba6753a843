{#
    One row per vendor, account and day of which the vendor has reported use. A day that is not here is unknown, not idle.
    Vendors meet here. The first arm has no rows; it names and types the columns.
#}
{% if var('github_copilot_enabled') %}
with

github_copilot_report_days as (
    select * from {{ ref('int_usage__github_copilot_report_days') }}
)
{% endif %}

select
    cast(null as {{ dbt.type_string() }}) as vendor,
    cast(null as {{ dbt.type_string() }}) as account_id,
    cast(null as date) as usage_date
where 1 = 0

{% if var('github_copilot_enabled') %}
union all

select
    'github_copilot' as vendor,
    account_id,
    usage_date
from github_copilot_report_days
{% endif %}
