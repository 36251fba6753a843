{#
    One row per usage date, vendor, account and principal: what the vendor says was done. Vendors meet here; a measure
    that a vendor does not tell is NULL. The first arm has no rows; it names and types the columns.
#}
{% if var('github_copilot_enabled') %}
with

github_copilot_user_days as (
    select * from {{ ref('int_usage__github_copilot_user_days') }}
),

github_copilot_report_days as (
    select * from {{ ref('int_usage__github_copilot_report_days') }}
),

github_copilot_coverage as (
    select * from {{ ref('int_usage__github_copilot_coverage') }}
)
{% endif %}

select
    cast(null as {{ dbt.type_string() }}) as vendor,
    cast(null as {{ dbt.type_string() }}) as account_id,
    cast(null as {{ dbt.type_string() }}) as principal_key,
    cast(null as bigint) as interactions,
    cast(null as bigint) as requests,
    cast(null as bigint) as sessions,
    cast(null as bigint) as prompts,
    cast(null as bigint) as suggestions,
    cast(null as bigint) as acceptances,
    cast(null as bigint) as lines_suggested_to_add,
    cast(null as bigint) as lines_suggested_to_delete,
    cast(null as bigint) as lines_added,
    cast(null as bigint) as lines_deleted,
    {{ money('null') }} as vendor_estimate_usd,
    cast(null as {{ dbt.type_boolean() }}) as is_active,
    cast(null as {{ dbt.type_boolean() }}) as is_final,
    cast(null as date) as usage_date,
    cast(null as date) as data_complete_through
where 1 = 0

{% if var('github_copilot_enabled') %}
union all

select
    'github_copilot' as vendor,
    user_days.account_id,
    user_days.user_key as principal_key,
    user_days.interactions,
    user_days.requests,
    user_days.sessions,
    user_days.prompts,
    user_days.generations as suggestions,
    user_days.acceptances,
    user_days.lines_suggested_to_add,
    user_days.lines_suggested_to_delete,
    user_days.lines_added,
    user_days.lines_deleted,
    null as vendor_estimate_usd,
    user_days.is_active,
    report_days.is_final,
    user_days.usage_date,
    coverage.data_complete_through
from github_copilot_user_days as user_days
inner join github_copilot_report_days as report_days
    on
        user_days.report_load_key = report_days.report_load_key
        and user_days.usage_date = report_days.usage_date
inner join github_copilot_coverage as coverage
    on user_days.account_id = coverage.account_id
{% endif %}

{% for vendor in enabled_vendors() %}
union all

select
    '{{ vendor }}' as vendor,
    account_id,
    principal_key,
    interactions,
    requests,
    sessions,
    prompts,
    suggestions,
    acceptances,
    lines_suggested_to_add,
    lines_suggested_to_delete,
    lines_added,
    lines_deleted,
    vendor_estimate_usd,
    is_active,
    is_final,
    usage_date,
    data_complete_through
from {{ ref('int_usage__' ~ vendor ~ '_activity') }}
{% endfor %}
