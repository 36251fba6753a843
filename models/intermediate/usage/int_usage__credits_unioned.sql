{{ config(materialized='table') }}

{#
    One row per usage date, vendor, account, product, principal and credit unit. Vendors meet here, as series side by
    side: credits of two vendors are never added. The first arm has no rows; it names and types the columns, so that
    this compiles with every vendor switched off.
#}
select
    cast(null as {{ dbt.type_string() }}) as vendor,
    cast(null as {{ dbt.type_string() }}) as account_id,
    cast(null as {{ dbt.type_string() }}) as principal_key,
    cast(null as {{ dbt.type_string() }}) as product,
    cast(null as {{ dbt.type_string() }}) as credit_unit,
    cast(null as {{ dbt.type_string() }}) as value_basis,
    {{ money('null') }} as credits,
    {{ money('null') }} as usage_value_usd,
    cast(null as bigint) as records,
    cast(null as bigint) as unpriced_records,
    cast(null as {{ dbt.type_boolean() }}) as is_final,
    cast(null as date) as usage_date,
    cast(null as date) as data_complete_through
where 1 = 0

{% if var('github_copilot_enabled') %}
union all

{# GitHub's row is one user and day. #}
select
    'github_copilot' as vendor,
    account_id,
    principal_key,
    product,
    credit_unit,
    value_basis,
    credits,
    usage_value_usd,
    1 as records,
    case when value_basis = 'unpriced' then 1 else 0 end as unpriced_records,
    is_final,
    usage_date,
    data_complete_through
from {{ ref('int_usage__github_copilot_credits') }}
{% endif %}

{% for vendor in enabled_vendors() %}
union all

select
    '{{ vendor }}' as vendor,
    account_id,
    principal_key,
    product,
    credit_unit,
    value_basis,
    credits,
    usage_value_usd,
    records,
    unpriced_records,
    is_final,
    usage_date,
    data_complete_through
from {{ ref('int_usage__' ~ vendor ~ '_credits') }}
{% endfor %}
