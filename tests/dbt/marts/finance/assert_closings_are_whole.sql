{# A closing has as many figures as its event counted. #}
with

events as (
    select * from {{ ref('stg_close__events') }}
    where event = 'closed'
),

figures as (
    select
        event_id,
        count(*) as figure_count
    from {{ ref('stg_close__figures') }}
    group by event_id
)

select
    events.period,
    events.version,
    events.figure_count as counted,
    coalesce(figures.figure_count, 0) as found
from events
left join figures
    on events.event_id = figures.event_id
where events.figure_count <> coalesce(figures.figure_count, 0)
