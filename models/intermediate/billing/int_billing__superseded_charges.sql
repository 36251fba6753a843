{#
    One row per export file, kind of report and UTC day that was set aside because another file speaks for the day, with
    what it would have added had it been counted. Vendors meet here; GitHub alone has such files so far. The first arm has
    no rows; it names and types the columns.
#}
select
    cast(null as {{ dbt.type_string() }}) as vendor,
    cast(null as {{ dbt.type_string() }}) as account_id,
    cast(null as {{ dbt.type_string() }}) as source_report,
    cast(null as {{ dbt.type_string() }}) as report_load_key,
    cast(null as date) as charge_date,
    cast(null as {{ dbt.type_string() }}) as file_name,
    cast(null as {{ dbt.type_string() }}) as file_sha256,
    cast(null as bigint) as row_count,
    {{ money('null') }} as gross_usd,
    {{ money('null') }} as discount_usd,
    {{ money('null') }} as net_usd,
    cast(null as {{ dbt.type_string() }}) as superseded_reason,
    cast(null as {{ dbt.type_string() }}) as kept_file_name,
    cast(null as {{ dbt.type_string() }}) as kept_sha256
where 1 = 0

{% if var('github_billing_enabled') %}
union all

select
    'github_copilot' as vendor,
    account_id,
    report as source_report,
    report_load_key,
    usage_date as charge_date,
    file_name,
    sha256 as file_sha256,
    row_count,
    {{ money('gross_amount') }} as gross_usd,
    {{ money('discount_amount') }} as discount_usd,
    {{ money('net_amount') }} as net_usd,
    reason as superseded_reason,
    kept_file_name,
    kept_sha256
from {{ ref('stg_github_billing__superseded_exports') }}
{% endif %}
