{#
    One row per usage date, vendor, account, principal, signal and workspace: how a key or seat was used, as far as the
    vendor lets it show. Vendors meet here. The first arm has no rows; it names and types the columns.
#}
select
    cast(null as {{ dbt.type_string() }}) as vendor,
    cast(null as {{ dbt.type_string() }}) as account_id,
    cast(null as {{ dbt.type_string() }}) as principal_key,
    cast(null as {{ dbt.type_string() }}) as signal,
    cast(null as {{ dbt.type_string() }}) as workspace_name,
    cast(null as bigint) as records,
    {{ money('null') }} as usage_value_usd,
    cast(null as date) as usage_date
where 1 = 0

{% for vendor in enabled_vendors() %}
union all

select
    '{{ vendor }}' as vendor,
    account_id,
    principal_key,
    signal,
    workspace_name,
    records,
    usage_value_usd,
    usage_date
from {{ ref('int_usage__' ~ vendor ~ '_signals') }}
{% endfor %}
