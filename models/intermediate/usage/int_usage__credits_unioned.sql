{#
    One row per usage date, vendor, account, product, principal and credit unit. Vendors meet here, as series side by
    side: credits of two vendors are never added. The first arm has no rows; it names and types the columns, so that
    this compiles with every vendor switched off.
#}
{% if var('github_copilot_enabled') %}
with

github_copilot_credits as (
    select * from {{ ref('int_usage__github_copilot_credits') }}
)
{% endif %}

select
    cast(null as {{ dbt.type_string() }}) as vendor,
    cast(null as {{ dbt.type_string() }}) as account_id,
    cast(null as {{ dbt.type_string() }}) as principal_key,
    cast(null as {{ dbt.type_string() }}) as product,
    cast(null as {{ dbt.type_string() }}) as credit_unit,
    cast(null as {{ dbt.type_string() }}) as value_basis,
    {{ money('null') }} as credits,
    {{ money('null') }} as usage_value_usd,
    cast(null as {{ dbt.type_boolean() }}) as is_final,
    cast(null as date) as usage_date,
    cast(null as date) as data_complete_through
where 1 = 0

{% if var('github_copilot_enabled') %}
union all

select
    'github_copilot' as vendor,
    account_id,
    principal_key,
    product,
    credit_unit,
    value_basis,
    credits,
    usage_value_usd,
    is_final,
    usage_date,
    data_complete_through
from github_copilot_credits
{% endif %}
