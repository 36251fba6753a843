{{ config(materialized='table') }}

{#
    One row per billing month that was ever closed: what became of it last. A month without a row is open.

    Versions count up and a reopening names the version that it ends, so the order of events needs no clock. A month
    that was closed in spite of failing checks is soft_closed: its figures stand like any closed month's.
    A table, so that a closing can tell whether the build knows of the last event.
#}
with

events as (
    select * from {{ ref('stg_close__events') }}
),

numbered_events as (
    select
        *,
        row_number() over (
            partition by period
            order by version desc nulls last, case when event = 'reopened' then 0 else 1 end
        ) as event_age
    from events
),

closings as (
    select * from events
    where event = 'closed'
)

select
    numbered_events.period,
    case
        when numbered_events.event = 'reopened' then 'reopened_with_approval'
        when numbered_events.accepted_checks is not null then 'soft_closed'
        else 'closed'
    end as period_status,
    numbered_events.event = 'closed' as is_closed,
    numbered_events.version,
    closings.closed_on as closed_at,
    closings.figures_sha256,
    numbered_events.reason,
    closings.accepted_checks
from numbered_events
left join closings
    on
        numbered_events.period = closings.period
        and numbered_events.version = closings.version
where numbered_events.event_age = 1
