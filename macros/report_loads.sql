{#
    The manifest of a source, renamed and cast: every load, current or not. credits_sum is the control total of a report;
    where it is money, the source says in what unit.

    The model stg_<source>__report_loads, which reads the table report_loads of the source:

        {{ report_loads('openai') }}
        {{ report_loads('anthropic', credits_sum=cents_to_usd('credits_sum')) }}
#}
{% macro report_loads(source_name, credits_sum='credits_sum') -%}
with

source as (
    select * from {{ source(source_name, 'report_loads') }}
)

select
    report_load_key,
    source,
    account_id,
    scope,
    report,
    report_date,
    window_start,
    window_end,
    status,
    http_status,
    files as file_count,
    rows as record_count,
    bytes as byte_count,
    sha256,
    {{ credits_sum }} as credits_sum,
    users as user_count,
    duplicate_rows as duplicate_count,
    unknown_fields,
    detail,
    {{ utc_timestamp('downloaded_at') }} as downloaded_at,
    {{ utc_timestamp('loaded_at') }} as loaded_at,
    _dlt_load_id as dlt_load_id
from source
{%- endmacro %}
