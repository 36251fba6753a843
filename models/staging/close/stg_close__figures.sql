{#
    One row per closing, figure and subject. Figures are written before the event that names them: those of a closing
    that was killed in between are left out.
#}
with

source as (
    select * from {{ source('close', 'close_figures') }}
),

events as (
    select * from {{ ref('stg_close__events') }}
)

select
    event_id,
    period,
    version,
    figure,
    subject,
    amount,
    unit,
    _dlt_load_id as dlt_load_id
from source
where event_id in (select events.event_id from events)
