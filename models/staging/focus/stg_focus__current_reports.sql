{#
    One row per account and billing period that has been loaded: its current load.

    The manifest is the commit record: the last load by loaded_at speaks. Rows of any other load are not there for any
    model, so the same file twice, or an older export of the same period, counts for nothing.
#}
with

report_loads as (
    select * from {{ ref('stg_focus__report_loads') }}
),

loads_by_age as (
    select
        *,
        row_number() over (
            partition by account_id, report, report_date
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
