{#
    One row per account, report and report date that has been loaded: its current load, and whether it speaks.

    The manifest is the commit record: the last load by loaded_at speaks, whatever came after it that was not loaded
    (unchanged, rejected, not available). Rows of any other load are not there for any model.

    A day of an export can come in two ways, ordered over the API (-export) or as a file dropped by hand (-csv). They tell
    of the same. An order that was read at least two days after the day, and has rows, is GitHub's own word, restated or
    not, and speaks. Before, the one with more rows of the day speaks, of equal ones the newer reading.
#}
with

report_loads as (
    select * from {{ ref('stg_github_billing__report_loads') }}
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
),

current_loads as (
    select
        *,
        case
            when report in ('ai-credit-export', 'ai-credit-csv') then 'ai_credit'
            when report in ('premium-request-export', 'premium-request-csv') then 'premium_request'
            when report in ('detailed-export', 'detailed-csv') then 'detailed'
            when report in ('summarized-export', 'summarized-csv') then 'summarized'
            else report
        end as tells_of
    from loads_by_age
    where load_age = 1
)

select
    report_load_key,
    source,
    account_id,
    scope,
    report,
    tells_of,
    row_number() over (
        partition by account_id, tells_of, report_date
        order by
            case
                when
                    report like '%-export'
                    and record_count > 0
                    and downloaded_at >= {{ add_days('report_date', 2) }}
                    then 1
                else 2
            end,
            record_count desc nulls last,
            downloaded_at desc nulls last,
            {{ binary_order('report') }}
    ) = 1 as is_speaking,
    record_count,
    user_count,
    credits_sum,
    sha256,
    report_date,
    coalesce(window_start, report_date) as window_start,
    coalesce(window_end, report_date) as window_end,
    downloaded_at,
    loaded_at
from current_loads
