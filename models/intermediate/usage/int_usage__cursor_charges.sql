{{ config(enabled=var('cursor_enabled')) }}

{#
    One row per UTC hour, account, principal, billing kind and model: the usage events added up, with the product that
    the kind stands for. What is absent is unknown, but for kinds that Cursor says it did not charge: zero there.
#}
with

event_days as (
    select * from {{ ref('int_usage__cursor_event_days') }}
),

kinds as (
    select * from {{ ref('int_usage__cursor_kinds') }}
),

{# NULL is a kind too. #}
known_kinds as (
    select
        coalesce(kind, '') as kind,
        product,
        is_charged
    from kinds
),

charged_days as (
    select
        event_days.*,
        coalesce(known_kinds.product, 'other') as product,
        coalesce(known_kinds.is_charged, true) as is_charged
    from event_days
    left join known_kinds
        on coalesce(event_days.kind, '') = known_kinds.kind
)

select
    account_id,
    report,
    principal_key,
    product,
    kind,
    model_name,
    records,
    case when is_charged then records_without_charge else 0 end as unpriced_records,
    case when is_charged then charged_cents else coalesce(charged_cents, 0) end as charged_cents,
    input_uncached_tokens,
    cache_read_tokens,
    cache_write_tokens,
    output_tokens,
    headless_records,
    case
        when is_charged or headless_records = 0 then headless_charged_cents
        else coalesce(headless_charged_cents, 0)
    end as headless_charged_cents,
    rhythmic_records,
    case
        when is_charged or rhythmic_records = 0 then rhythmic_charged_cents
        else coalesce(rhythmic_charged_cents, 0)
    end as rhythmic_charged_cents,
    usage_date,
    usage_hour
from charged_days
