{{ config(enabled=var('openai_enabled')) }}

{# One row per user of a Codex workspace and UTC day on which anything was counted. #}
with

codex_user_days as (
    select * from {{ ref('stg_openai__codex_user_days') }}
),

report_days as (
    select * from {{ ref('int_reports__days') }}
)

select
    codex_user_days.report_load_key,
    codex_user_days.record_ordinal,
    codex_user_days.account_id,
    coalesce(codex_user_days.user_key, 'unattributed') as principal_key,
    codex_user_days.user_key,
    codex_user_days.actor_type,
    codex_user_days.threads,
    codex_user_days.turns,
    codex_user_days.credits,
    codex_user_days.input_uncached_tokens,
    codex_user_days.cache_read_tokens,
    codex_user_days.output_tokens,
    codex_user_days.lines_added,
    codex_user_days.lines_removed,
    report_days.is_final,
    codex_user_days.usage_date,
    report_days.data_complete_through
from codex_user_days
inner join report_days
    on
        report_days.source = 'openai'
        and codex_user_days.account_id = report_days.account_id
        and report_days.report = 'codex-usage'
        and codex_user_days.usage_date = report_days.report_date
where
    codex_user_days.threads > 0
    or codex_user_days.turns > 0
    or codex_user_days.credits <> 0
    or codex_user_days.total_tokens > 0
    {# What is not told is no zero. #}
    or codex_user_days.credits is null
