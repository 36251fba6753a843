{{ config(enabled=var('cursor_enabled')) }}

{#
    One row per UTC day, account, principal and signal that something ran by itself: `headless` where no client was
    connected, `cron_rhythm` where events fell into the same minute of eight or more hours of the day,
    and a quarter of them into that minute.
#}
with

charges as (
    select * from {{ ref('int_usage__cursor_charges') }}
),

signals as (
    select
        account_id,
        principal_key,
        'headless' as signal,
        headless_records as records,
        headless_charged_cents as charged_cents,
        usage_date
    from charges

    union all

    select
        account_id,
        principal_key,
        'cron_rhythm' as signal,
        rhythmic_records as records,
        rhythmic_charged_cents as charged_cents,
        usage_date
    from charges
)

select
    account_id,
    principal_key,
    signal,
    cast(null as {{ dbt.type_string() }}) as workspace_name,
    cast(sum(records) as bigint) as records,
    {{ cents_to_usd('sum(charged_cents)') }} as usage_value_usd,
    usage_date
from signals
where records > 0
group by account_id, principal_key, signal, usage_date
