{#
    One row per source, account, report, report date and version from the second on: what changed after first sight.
    Only what was loaded makes a version; an unchanged, rejected or missing answer changes nothing.
#}
with

loads as (
    select * from {{ ref('int_reports__loads_unioned') }}
),

versions as (
    select
        source,
        account_id,
        report,
        report_date,
        row_number() over (
            partition by source, account_id, report, report_date
            order by loaded_at, {{ binary_order('report_load_key') }}
        ) as version,
        record_count,
        credits_sum,
        user_count,
        loaded_at,
        lag(record_count) over (
            partition by source, account_id, report, report_date
            order by loaded_at, {{ binary_order('report_load_key') }}
        ) as previous_record_count,
        lag(credits_sum) over (
            partition by source, account_id, report, report_date
            order by loaded_at, {{ binary_order('report_load_key') }}
        ) as previous_credits_sum,
        lag(user_count) over (
            partition by source, account_id, report, report_date
            order by loaded_at, {{ binary_order('report_load_key') }}
        ) as previous_user_count,
        lag(loaded_at) over (
            partition by source, account_id, report, report_date
            order by loaded_at, {{ binary_order('report_load_key') }}
        ) as previous_loaded_at
    from loads
    where status = 'loaded'
)

select
    source,
    account_id,
    report,
    report_date,
    version,
    previous_record_count as rows_before,
    record_count as rows_after,
    record_count - previous_record_count as rows_change,
    {{ money('previous_credits_sum') }} as credits_before,
    {{ money('credits_sum') }} as credits_after,
    {{ money('credits_sum - previous_credits_sum') }} as credits_change,
    previous_user_count as users_before,
    user_count as users_after,
    user_count - previous_user_count as users_change,
    previous_loaded_at,
    loaded_at
from versions
where version > 1
