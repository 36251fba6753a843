{#
    One row per principal: the seat, key or account that a vendor counts use by. Vendors meet here.
    The first arm has no rows; it names and types the columns.
#}
{% if var('github_copilot_enabled') %}
with

github_accounts as (
    select * from {{ ref('int_identity__github_accounts') }}
)
{% endif %}

select
    cast(null as {{ dbt.type_string() }}) as vendor,
    cast(null as {{ dbt.type_string() }}) as principal_key,
    cast(null as {{ dbt.type_string() }}) as principal_kind,
    cast(null as {{ dbt.type_string() }}) as auth_mode,
    cast(null as {{ dbt.type_string() }}) as account_source,
    cast(null as {{ dbt.type_string() }}) as owner_principal_key,
    cast(null as {{ dbt.type_string() }}) as name_hints,
    cast(null as {{ dbt.type_string() }}) as workspace_name,
    cast(null as date) as first_seen_date,
    cast(null as date) as last_seen_date
where 1 = 0

{% if var('github_copilot_enabled') %}
union all

select
    'github_copilot' as vendor,
    user_key as principal_key,
    case when account_type = 'Bot' then 'service_account' else 'human_seat' end as principal_kind,
    'seat' as auth_mode,
    'github_account' as account_source,
    null as owner_principal_key,
    null as name_hints,
    null as workspace_name,
    first_seen_date,
    last_seen_date
from github_accounts
{% endif %}

{% for vendor in enabled_vendors() %}
union all

select
    '{{ vendor }}' as vendor,
    principal_key,
    principal_kind,
    auth_mode,
    account_source,
    owner_principal_key,
    name_hints,
    workspace_name,
    first_seen_date,
    last_seen_date
from {{ ref('int_identity__' ~ vendor ~ '_principals') }}
{% endfor %}
