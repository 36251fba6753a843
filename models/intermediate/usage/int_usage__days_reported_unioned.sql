{#
    One row per vendor, account and day of which the vendor has reported use. A day that is not here is unknown, not idle.
    Vendors meet here. The first arm has no rows; it names and types the columns.
#}
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
from {{ ref('int_usage__github_copilot_report_days') }}
{% endif %}

{% for vendor in enabled_vendors() %}
union all

select distinct
    '{{ vendor }}' as vendor,
    account_id,
    report_date as usage_date
from {{ ref('int_reports__days') }}
where source = '{{ vendor }}' and is_dated
{% endfor %}
