{#
    The loads of a source that are current: of each account, report and report date the last one that was loaded.
    The manifest decides; what was unchanged, rejected or not available replaces nothing. Of a source whose newest reading
    replaces every reading before it, whatever day it was read, only one per account and report is current: it says
    per='account_id, report'.

    The model stg_<source>__current_reports, which reads stg_<source>__report_loads beside it:

        {{ current_reports('openai') }}
        {{ current_reports('roster', per='account_id, report') }}
#}
{% macro current_reports(source_name, per='account_id, report, report_date') -%}
with

report_loads as (
    select * from {{ ref('stg_' ~ source_name ~ '__report_loads') }}
),

loads_by_age as (
    select
        *,
        row_number() over (
            partition by {{ per }}
            order by loaded_at desc, {{ binary_order('report_load_key') }} desc
        ) as load_age
    from report_loads
    where status = 'loaded'
)

select
    report_load_key,
    source,
    account_id,
    scope,
    report,
    record_count,
    user_count,
    credits_sum,
    report_date,
    coalesce(window_start, report_date) as window_start,
    coalesce(window_end, report_date) as window_end,
    downloaded_at,
    loaded_at
from loads_by_age
where load_age = 1
{%- endmacro %}
