{# One row per period, version, figure and subject: every figure that was ever closed, in force or not. #}
with

events as (
    select * from {{ ref('stg_close__events') }}
),

figures as (
    select * from {{ ref('stg_close__figures') }}
),

periods as (
    select * from {{ ref('int_close__periods') }}
)

select
    figures.period,
    figures.version,
    figures.figure,
    figures.subject,
    figures.amount,
    figures.unit,
    coalesce(periods.is_closed and periods.version = figures.version, false) as is_in_force,
    events.closed_on
from figures
inner join events
    on figures.event_id = events.event_id
left join periods
    on figures.period = periods.period
