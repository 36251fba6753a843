{#
    One row per vendor, principal, matching step and identifier. Vendors meet here.
    The first arm has no rows; it names and types the columns.
#}
{% if var('github_copilot_enabled') %}
with

github_account_identifiers as (
    select * from {{ ref('int_identity__github_account_identifiers') }}
)
{% endif %}

select
    cast(null as {{ dbt.type_string() }}) as vendor,
    cast(null as {{ dbt.type_string() }}) as principal_key,
    cast(null as {{ dbt.type_string() }}) as identifier_key,
    cast(null as integer) as match_step
where 1 = 0

{% if var('github_copilot_enabled') %}
union all

select
    'github_copilot' as vendor,
    user_key as principal_key,
    identifier_key,
    match_step
from github_account_identifiers
{% endif %}

{% for vendor in enabled_vendors() %}
union all

select
    '{{ vendor }}' as vendor,
    principal_key,
    identifier_key,
    match_step
from {{ ref('int_identity__' ~ vendor ~ '_identifiers') }}
{% endfor %}
