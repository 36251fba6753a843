{{ config(materialized='table') }}

{#
    One row per vendor and row of its token model: tokens of one class, as the vendor counted them. Vendors meet here.
    The first arm has no rows; it names and types the columns.
#}
select
    cast(null as {{ dbt.type_string() }}) as vendor,
    cast(null as {{ dbt.type_string() }}) as account_id,
    cast(null as {{ dbt.type_string() }}) as principal_key,
    cast(null as {{ dbt.type_string() }}) as product,
    cast(null as {{ dbt.type_string() }}) as model_name,
    cast(null as {{ dbt.type_string() }}) as token_type,
    cast(null as {{ dbt.type_string() }}) as service_tier,
    cast(null as {{ dbt.type_string() }}) as context_window,
    cast(null as {{ dbt.type_string() }}) as inference_geo,
    cast(null as {{ dbt.type_string() }}) as speed,
    cast(null as bigint) as tokens,
    cast(null as {{ dbt.type_boolean() }}) as is_final,
    cast(null as date) as usage_date,
    cast(null as date) as data_complete_through
where 1 = 0

{% for vendor in enabled_vendors() %}
union all

select
    '{{ vendor }}' as vendor,
    account_id,
    principal_key,
    product,
    model_name,
    token_type,
    service_tier,
    context_window,
    inference_geo,
    speed,
    tokens,
    is_final,
    usage_date,
    data_complete_through
from {{ ref('int_usage__' ~ vendor ~ '_tokens') }}
{% endfor %}
