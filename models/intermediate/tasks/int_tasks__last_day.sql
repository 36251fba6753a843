{#
    One row per project: the last day that is over in the traces. It is before the as-of day, and before the day on which
    files were last read: what was written later on that day is not there yet.
#}
{% if var('otel_enabled') -%}
with

readings as (
    select * from {{ ref('stg_otel__current_reports') }}
),

last_reading as (
    select max(cast(downloaded_at as date)) as read_on
    from readings
)

select
    case
        when read_on < {{ as_of_date() }} then {{ add_days('read_on', -1) }}
        else {{ add_days(as_of_date(), -1) }}
    end as last_day
from last_reading
{%- else -%}
select {{ add_days(as_of_date(), -1) }} as last_day
{%- endif %}
