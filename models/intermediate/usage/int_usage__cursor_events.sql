{{ config(enabled=var('cursor_enabled')) }}

{#
    One row per usage event that counts: of the report that speaks for its day, with the principal that it counts for.

    A machine comes before the person whose e-mail its events carry: service accounts, then automations. A cloud agent
    is its owner's. What is absent is unknown, not zero. What a kind stands for is not said here: days that are added up
    once would keep an old answer.
#}
with

report_days as (
    select * from {{ ref('int_usage__cursor_report_days') }}
),

usage_events as (
    select * from {{ ref('stg_cursor__usage_events') }}
),

exported_events as (
    select * from {{ ref('stg_cursor__exported_events') }}
),

events as (
    select
        report_load_key,
        account_id,
        usage_date,
        event_at,
        email_key,
        service_account_id,
        service_account_name_hints,
        cloud_agent_id,
        automation_id,
        model_name,
        kind,
        is_headless,
        input_tokens,
        cache_read_tokens,
        cache_write_tokens,
        output_tokens,
        charged_cents
    from usage_events

    union all

    select
        report_load_key,
        account_id,
        usage_date,
        event_at,
        email_key,
        null as service_account_id,
        null as service_account_name_hints,
        cloud_agent_id,
        automation_id,
        {# The export's word for what the API calls default. #}
        case when lower(model_name) = 'auto' then 'default' else model_name end as model_name,
        kind,
        null as is_headless,
        input_tokens,
        cache_read_tokens,
        cache_write_tokens,
        output_tokens,
        {{ money("coalesce(cost_usd * 100, case when cost_word = 'Free' then 0 end)") }}
            as charged_cents
    from exported_events
)

select
    events.report_load_key,
    report_days.report,
    events.account_id,
    case
        when events.service_account_id is not null then events.service_account_id
        when events.automation_id is not null then 'automation:' || events.automation_id
        when events.email_key is null then 'unattributed'
        when events.cloud_agent_id is not null then 'cloud_agent:' || events.email_key
        else events.email_key
    end as principal_key,
    case
        when events.service_account_id is not null then 'service_account'
        when events.automation_id is not null then 'cloud_agent'
        when events.email_key is null then 'unattributed'
        when events.cloud_agent_id is not null then 'cloud_agent'
        else 'human_seat'
    end as principal_kind,
    case
        when
            events.service_account_id is null
            and events.automation_id is null
            and events.cloud_agent_id is not null
            then events.email_key
    end as owner_principal_key,
    events.service_account_name_hints as name_hints,
    events.kind,
    events.model_name,
    coalesce(events.is_headless, false) as is_headless,
    events.input_tokens as input_uncached_tokens,
    events.cache_read_tokens,
    events.cache_write_tokens,
    events.output_tokens,
    {{ money('events.charged_cents') }} as charged_cents,
    events.usage_date,
    events.event_at,
    report_days.report_loaded_at
from events
inner join report_days
    on
        events.report_load_key = report_days.report_load_key
        and events.usage_date = report_days.usage_date
