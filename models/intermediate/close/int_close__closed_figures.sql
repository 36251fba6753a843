{# One row per closed period, figure and subject: the figures in force, those of the last version of a month that is closed. #}
with

snapshots as (
    select * from {{ ref('int_close__snapshots') }}
)

select
    period,
    version,
    figure,
    subject,
    amount,
    unit
from snapshots
where is_in_force
