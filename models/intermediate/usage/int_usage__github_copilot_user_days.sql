{{
    config(
        enabled=var('github_copilot_enabled'),
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='usage_date',
        on_schema_change='fail',
        post_hook="
            delete from {{ this }}
            where not exists (
                select 1
                from {{ ref('int_usage__github_copilot_report_days') }} as report_days
                where
                    report_days.report_load_key = {{ this.identifier }}.report_load_key
                    and report_days.usage_date = {{ this.identifier }}.usage_date
            )
        ",
    )
}}

{#
    One row per GitHub user and day: the row that counts, out of all reports and scopes that tell of it.

    History is heavy and what is kept here does not depend on who the user is, so only days for which a report was loaded
    since the last build are worked out again, whole. The watermark is the newest load among the rows that are kept; a
    load that stamped the same moment is done again, which changes nothing. A rebuild gives the same rows.
    delete+insert cannot empty a day that lost its last row; the post-hook drops what no report speaks for any more.
#}
with

report_days as (
    select * from {{ ref('int_usage__github_copilot_report_days') }}
),

user_days as (
    select * from {{ ref('stg_github_copilot__user_days') }}
),

user_day_cli as (
    select * from {{ ref('stg_github_copilot__user_day_cli') }}
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

{# A record that GitHub sent twice has its surfaces twice: the largest of each counts, never their sum. #}
surfaces as (
    select
        report_load_key,
        usage_date,
        user_key,
        surface,
        max(sessions) as sessions,
        max(requests) as requests,
        max(prompts) as prompts,
        max(prompt_tokens) as prompt_tokens,
        max(output_tokens) as output_tokens
    from user_day_cli
    where usage_date in (select days_to_build.usage_date from days_to_build)
    group by report_load_key, usage_date, user_key, surface
),

outside_ide as (
    select
        report_load_key,
        usage_date,
        user_key,
        cast(sum(sessions) as bigint) as sessions,
        cast(sum(requests) as bigint) as requests,
        cast(sum(prompts) as bigint) as prompts,
        cast(sum(prompt_tokens) as bigint) as prompt_tokens,
        cast(sum(output_tokens) as bigint) as output_tokens
    from surfaces
    group by report_load_key, usage_date, user_key
),

candidates as (
    select
        user_days.*,
        report_days.report,
        report_days.report_loaded_at,
        row_number() over (
            partition by user_days.user_key, user_days.usage_date
            order by
                case when user_days.ai_credits is null then 1 else 0 end,
                case when user_days.scope = 'enterprise' then 0 else 1 end,
                user_days.ai_credits desc nulls last,
                {{ binary_order('user_days.account_id') }},
                {# Only records that GitHub sent twice come this far. #}
                user_days.interactions desc nulls last,
                user_days.generations desc nulls last,
                user_days.lines_added desc nulls last
        ) as choice
    from user_days
    inner join report_days
        on
            user_days.report_load_key = report_days.report_load_key
            and user_days.usage_date = report_days.usage_date
    where user_days.usage_date in (select days_to_build.usage_date from days_to_build)
)

select
    candidates.user_key,
    candidates.login_key,
    candidates.account_id,
    candidates.scope,
    candidates.report,
    candidates.report_load_key,
    candidates.ai_credits,
    candidates.interactions,
    candidates.generations,
    candidates.acceptances,
    candidates.lines_suggested_to_add,
    candidates.lines_suggested_to_delete,
    candidates.lines_added,
    candidates.lines_deleted,
    outside_ide.sessions,
    outside_ide.requests,
    outside_ide.prompts,
    outside_ide.prompt_tokens,
    outside_ide.output_tokens,
    candidates.used_agent,
    candidates.used_chat,
    candidates.used_cli,
    {# One signal under two names: GitHub renamed the field in 2026. #}
    coalesce(candidates.used_copilot_cloud_agent, candidates.used_copilot_coding_agent)
        as used_cloud_agent,
    candidates.used_copilot_code_review_active as used_code_review_active,
    candidates.used_copilot_code_review_passive as used_code_review_passive,
    candidates.used_copilot_app as used_app,
    candidates.used_vscode_agent,
    {# Nothing here treats unknown as no: a NULL makes no condition true, and only what is known can say "not active". #}
    case
        when
            candidates.interactions > 0
            or candidates.generations > 0
            or candidates.acceptances > 0
            or candidates.lines_added > 0
            or candidates.lines_deleted > 0
            or outside_ide.sessions > 0
            or outside_ide.prompts > 0
            or candidates.used_agent
            or candidates.used_chat
            or candidates.used_cli
            or candidates.used_copilot_coding_agent
            or candidates.used_copilot_cloud_agent
            or candidates.used_copilot_code_review_active
            or candidates.used_copilot_app
            or candidates.used_vscode_agent
            then true
        when
            coalesce(
                candidates.interactions,
                candidates.generations,
                candidates.acceptances,
                candidates.lines_added,
                candidates.lines_deleted,
                outside_ide.sessions,
                outside_ide.prompts
            ) is not null
            or coalesce(
                candidates.used_agent,
                candidates.used_chat,
                candidates.used_cli,
                candidates.used_copilot_coding_agent,
                candidates.used_copilot_cloud_agent,
                candidates.used_copilot_code_review_active,
                candidates.used_copilot_app,
                candidates.used_vscode_agent
            ) is not null
            then false
    end as is_active,
    candidates.usage_date,
    candidates.report_loaded_at
from candidates
left join outside_ide
    on
        candidates.report_load_key = outside_ide.report_load_key
        and candidates.usage_date = outside_ide.usage_date
        and candidates.user_key = outside_ide.user_key
where candidates.choice = 1
