{{
    config(
        enabled=var('cursor_enabled'),
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='usage_date',
        on_schema_change='fail',
        pre_hook="{{ no_nested_loops() }}",
        post_hook="
            delete from {{ this }}
            where not exists (
                select 1
                from {{ ref('int_usage__cursor_report_days') }} as report_days
                where
                    report_days.report_load_key = {{ this.identifier }}.report_load_key
                    and report_days.usage_date = {{ this.identifier }}.usage_date
            )
        ",
    )
}}

{#
    One row per UTC hour, account, principal, billing kind and model: the usage events that count, added up. What a kind
    stands for is the seed's to say, and may be corrected: int_usage__cursor_charges adds it, for all of history.

    Events are many, so only days for which a report was loaded since the last build are added up again, whole: a
    restated charge replaces its day. The watermark is the newest load among the rows that are kept; a load that stamped
    the same moment is done again, which changes nothing. A rebuild gives the same rows.
    delete+insert cannot empty a day that lost its last row; the post-hook drops what no report speaks for any more.
    Amounts stay in cents here: they become dollars once, where they are told.
#}
with

report_days as (
    select * from {{ ref('int_usage__cursor_report_days') }}
),

days_to_build as (
    select distinct usage_date
    from report_days
    {% if is_incremental() %}
    where
        report_loaded_at >= (select max(built.report_loaded_at) from {{ this }} as built)
        {# Nothing is built yet: the first build had nothing to read. #}
        or not exists (select 1 from {{ this }})
        {# The manifest was set back to an older state: what speaks now may be older than the watermark. #}
        or usage_date in (
            select built.usage_date
            from {{ this }} as built
            left join report_days as still_speaking
                on
                    built.report_load_key = still_speaking.report_load_key
                    and built.usage_date = still_speaking.usage_date
            where still_speaking.report_load_key is null
        )
    {% endif %}
),

events as (
    select
        *,
        extract(hour from event_at) as hour_of_day,
        extract(minute from event_at) as minute_of_hour
    from {{ ref('int_usage__cursor_events') }}
    where usage_date in (select days_to_build.usage_date from days_to_build)
),

minutes as (
    select
        account_id,
        principal_key,
        usage_date,
        minute_of_hour,
        count(distinct hour_of_day) as hours,
        count(*) as records
    from events
    group by account_id, principal_key, usage_date, minute_of_hour
),

minutes_of_day as (
    select
        *,
        sum(records) over (partition by account_id, principal_key, usage_date) as day_records
    from minutes
),

{#
    People do not start something in the same minute of eight hours of a day; schedulers do. Who is busy enough hits any
    minute in eight hours by chance: the minute has a quarter of the day's events, fifteen times what an even spread
    would give.
#}
rhythmic_minutes as (
    select
        account_id,
        principal_key,
        usage_date,
        minute_of_hour
    from minutes_of_day
    where hours >= 8 and records * 4 >= day_records
)

select
    events.account_id,
    events.principal_key,
    events.principal_kind,
    events.owner_principal_key,
    max(events.name_hints) as name_hints,
    events.kind,
    events.model_name,
    events.report,
    events.report_load_key,
    count(*) as records,
    count(*) - count(events.charged_cents) as records_without_charge,
    {{ money('sum(events.charged_cents)') }} as charged_cents,
    cast(sum(events.input_uncached_tokens) as bigint) as input_uncached_tokens,
    cast(sum(events.cache_read_tokens) as bigint) as cache_read_tokens,
    cast(sum(events.cache_write_tokens) as bigint) as cache_write_tokens,
    cast(sum(events.output_tokens) as bigint) as output_tokens,
    cast(sum(case when events.is_headless then 1 else 0 end) as bigint) as headless_records,
    {{ money('sum(case when events.is_headless then events.charged_cents end)') }}
        as headless_charged_cents,
    count(rhythmic_minutes.minute_of_hour) as rhythmic_records,
    {{
        money('sum(case when rhythmic_minutes.minute_of_hour is not null'
            ~ ' then events.charged_cents end)')
    }} as rhythmic_charged_cents,
    events.usage_date,
    {{ dbt.date_trunc('hour', 'events.event_at') }} as usage_hour,
    max(events.report_loaded_at) as report_loaded_at
from events
left join rhythmic_minutes
    on
        events.account_id = rhythmic_minutes.account_id
        and events.principal_key = rhythmic_minutes.principal_key
        and events.usage_date = rhythmic_minutes.usage_date
        and events.minute_of_hour = rhythmic_minutes.minute_of_hour
group by
    events.account_id,
    events.principal_key,
    events.principal_kind,
    events.owner_principal_key,
    events.kind,
    events.model_name,
    events.report,
    events.report_load_key,
    events.usage_date,
    {{ dbt.date_trunc('hour', 'events.event_at') }}
