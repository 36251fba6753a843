{#
    One row per period, version, figure and subject: as closed beside as known now.

    Every version is there, whether in force or not. A figure that came after the closing has a row under the version in
    force, with nothing as closed; a figure that is gone has nothing as known now.
#}
with

snapshots as (
    select * from {{ ref('int_close__snapshots') }}
),

periods as (
    select * from {{ ref('int_close__periods') }}
),

figures as (
    select * from {{ ref('int_close__figures') }}
),

closed_since as (
    select
        figures.period,
        periods.version,
        figures.figure,
        figures.subject,
        figures.unit,
        periods.closed_at,
        figures.amount
    from figures
    inner join periods
        on figures.period = periods.period
    left join snapshots
        on
            figures.period = snapshots.period
            and periods.version = snapshots.version
            and figures.figure = snapshots.figure
            and figures.subject = snapshots.subject
    where periods.is_closed and snapshots.period is null
)

select
    snapshots.period,
    snapshots.version,
    snapshots.figure,
    snapshots.subject,
    snapshots.unit,
    snapshots.is_in_force,
    snapshots.closed_on,
    {{ money('snapshots.amount') }} as amount_as_closed,
    {{ money('figures.amount') }} as amount_as_known_now,
    {{ money('coalesce(figures.amount, 0) - snapshots.amount') }} as restatement
from snapshots
left join figures
    on
        snapshots.period = figures.period
        and snapshots.figure = figures.figure
        and snapshots.subject = figures.subject

union all

select
    period,
    version,
    figure,
    subject,
    unit,
    true as is_in_force,
    closed_at as closed_on,
    {{ money('null') }} as amount_as_closed,
    {{ money('amount') }} as amount_as_known_now,
    {{ money('amount') }} as restatement
from closed_since
