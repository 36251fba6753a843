{#
    One row per folder of finance that has been loaded: its current reading.

    The newest reading replaces the one before, whatever day it was read. What it keeps of that one it has loaded again.
#}
with

report_loads as (
    select * from {{ ref('stg_finance__report_loads') }}
),

loads_by_age as (
    select
        *,
        row_number() over (
            partition by account_id, report
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
