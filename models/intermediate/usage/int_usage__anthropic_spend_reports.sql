{{ config(materialized='table', enabled=var('anthropic_enabled')) }}

{#
    One row per spend report of the Team plan, with its amount, and whether it counts: exports that somebody drops by hand
    overlap. The longest report counts (of equally long ones the one that ends later, then the one loaded later); every
    report that shares a day with it is left out; of the remaining ones the longest counts again, and so on. So no two
    reports that count share a day, each one left out shares a day with a longer or equal one that counts, and one that
    is left out leaves nobody out. Whether a report counts depends on all better ones: hence the recursion, one round
    for each report that counts.
#}
with recursive

current_reports as (
    select
        report_load_key,
        account_id,
        window_start,
        window_end,
        row_number() over (
            partition by account_id
            order by
                {{ days_between('window_start', 'window_end') }} desc,
                window_end desc nulls last,
                loaded_at desc,
                {{ binary_order('report_load_key') }}
        ) as preference
    from {{ ref('stg_anthropic__current_reports') }}
    where report = 'spend-report-csv'
),

spend_report_rows as (
    select * from {{ ref('stg_anthropic__spend_report_rows') }}
),

{# The reports that no counting one has met so far, and the best of them. #}
remaining as (
    select
        account_id,
        window_start,
        window_end,
        preference,
        min(preference) over (partition by account_id) as best
    from current_reports

    union all

    select
        remaining.account_id,
        remaining.window_start,
        remaining.window_end,
        remaining.preference,
        min(remaining.preference) over (partition by remaining.account_id) as best
    from remaining
    inner join current_reports as counted
        on
            remaining.account_id = counted.account_id
            and remaining.best = counted.preference
    where
        remaining.window_start > counted.window_end
        or remaining.window_end < counted.window_start
),

counting as (
    select
        current_reports.report_load_key,
        current_reports.account_id,
        current_reports.window_start,
        current_reports.window_end,
        current_reports.preference
    from current_reports
    inner join remaining
        on
            current_reports.account_id = remaining.account_id
            and current_reports.preference = remaining.preference
            and remaining.preference = remaining.best
),

{# The best counting report that shares a day with it: itself, where it counts. #}
matched as (
    select
        current_reports.report_load_key,
        min(counting.preference) as preference
    from current_reports
    inner join counting
        on
            current_reports.account_id = counting.account_id
            and current_reports.window_start <= counting.window_end
            and current_reports.window_end >= counting.window_start
    group by current_reports.report_load_key
),

amounts as (
    select
        report_load_key,
        count(*) as records,
        sum(coalesce(gross_spend_usd, net_spend_usd)) as spend_usd
    from spend_report_rows
    group by report_load_key
)

select
    current_reports.report_load_key,
    current_reports.account_id,
    current_reports.window_start,
    current_reports.window_end,
    current_reports.preference = matched.preference as is_counted,
    counting.report_load_key as counted_report_load_key,
    cast(coalesce(amounts.records, 0) as bigint) as records,
    {{ money('amounts.spend_usd') }} as spend_usd
from current_reports
inner join matched
    on current_reports.report_load_key = matched.report_load_key
inner join counting
    on
        current_reports.account_id = counting.account_id
        and matched.preference = counting.preference
left join amounts
    on current_reports.report_load_key = amounts.report_load_key
