{#
    One row per usage hour, vendor, account, product, principal and credit unit, of vendors that give hours. Vendors meet
    here. The first arm has no rows; it names and types the columns.
#}
select
    cast(null as {{ dbt.type_string() }}) as vendor,
    cast(null as {{ dbt.type_string() }}) as account_id,
    cast(null as {{ dbt.type_string() }}) as principal_key,
    cast(null as {{ dbt.type_string() }}) as product,
    cast(null as {{ dbt.type_string() }}) as credit_unit,
    {{ money('null') }} as credits,
    {{ money('null') }} as usage_value_usd,
    cast(null as bigint) as records,
    cast(null as bigint) as unpriced_records,
    cast(null as {{ dbt.type_timestamp() }}) as usage_hour
where 1 = 0

{% if var('cursor_enabled') %}
union all

select
    'cursor' as vendor,
    account_id,
    principal_key,
    product,
    'usd' as credit_unit,
    credits,
    usage_value_usd,
    records,
    unpriced_records,
    usage_hour
from {{ ref('int_usage__cursor_hours') }}
{% endif %}
