{{ config(enabled=var('cursor_enabled')) }}

{#
    One row per billing kind of Cursor's events that the seed cursor_usage_kinds does not have, with what was charged
    under it. Only events of reports that speak for their day are counted.
#}
with

kinds as (
    select * from {{ ref('int_usage__cursor_kinds') }}
),

report_days as (
    select * from {{ ref('int_usage__cursor_report_days') }}
),

usage_events as (
    select * from {{ ref('stg_cursor__usage_events') }}
),

exported_events as (
    select * from {{ ref('stg_cursor__exported_events') }}
),

events as (
    select
        report_load_key,
        usage_date,
        kind,
        charged_cents
    from usage_events

    union all

    select
        report_load_key,
        usage_date,
        kind,
        {{ money('cost_usd * 100') }} as charged_cents
    from exported_events
)

select
    coalesce(events.kind, 'none') as kind,
    count(*) as records,
    {{ cents_to_usd('sum(events.charged_cents)') }} as usage_value_usd,
    min(events.usage_date) as first_seen_date,
    max(events.usage_date) as last_seen_date
from events
inner join report_days
    on
        events.report_load_key = report_days.report_load_key
        and events.usage_date = report_days.usage_date
inner join kinds
    on
        coalesce(events.kind, '') = coalesce(kinds.kind, '')
        and not kinds.is_known
group by coalesce(events.kind, 'none')
