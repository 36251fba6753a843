{{ config(enabled=var('anthropic_enabled')) }}

{#
    One row per day, account, principal, signal and workspace: signs of how a principal is used. Terminals come from the
    Claude Code report, whose estimates are no value: each of their signals has what all Claude Code of the principal's
    day is worth, for no report splits it by terminal. Server traffic comes from the analytics' products: the older
    reports know none.
#}
with

claude_code_rows as (
    select * from {{ ref('int_usage__anthropic_claude_code_rows') }}
),

reported as (
    select * from {{ ref('int_usage__anthropic_rows') }}
),

credits as (
    select * from {{ ref('int_usage__anthropic_credits') }}
),

workspaces as (
    select * from {{ ref('int_identity__anthropic_workspaces') }}
),

claude_code_values as (
    select
        account_id,
        principal_key,
        sum(usage_value_usd) as value_usd,
        usage_date
    from credits
    where product = 'claude_code'
    group by account_id, principal_key, usage_date
),

terminals as (
    select
        account_id,
        principal_key,
        principal_kind,
        case
            when lower(terminal_type) like 'sdk-%' then 'agent_sdk'
            when
                lower(terminal_type) in (
                    'non-interactive',
                    'noninteractive',
                    'ci',
                    'github-actions',
                    'github_actions',
                    'gitlab-ci',
                    'jenkins',
                    'circleci',
                    'buildkite',
                    'azure-pipelines',
                    'travis',
                    'teamcity'
                )
                then 'ci_client'
            {# Claude Code on the web runs on no developer's machine. #}
            when
                principal_kind = 'machine_key'
                and lower(terminal_type) not in ('', 'unknown')
                and not coalesce(is_remote, false)
                then 'interactive_client'
        end as signal,
        usage_date
    from claude_code_rows
),

terminal_signals as (
    select
        account_id,
        principal_key,
        signal,
        count(*) as records,
        usage_date
    from terminals
    where signal is not null
    group by account_id, principal_key, signal, usage_date
),

seen as (
    select
        terminal_signals.account_id,
        terminal_signals.principal_key,
        terminal_signals.signal,
        cast(null as {{ dbt.type_string() }}) as workspace_name,
        terminal_signals.records,
        claude_code_values.value_usd,
        terminal_signals.usage_date
    from terminal_signals
    left join claude_code_values
        on
            terminal_signals.account_id = claude_code_values.account_id
            and terminal_signals.principal_key = claude_code_values.principal_key
            and terminal_signals.usage_date = claude_code_values.usage_date

    union all

    select
        reported.account_id,
        reported.principal_key,
        'server_traffic' as signal,
        workspaces.workspace_name,
        1 as records,
        reported.value_usd,
        reported.usage_date
    from reported
    left join workspaces
        on
            reported.account_id = workspaces.account_id
            and reported.workspace_id = workspaces.workspace_id
    where
        reported.report = 'analytics-cost'
        and reported.principal_kind = 'machine_key'
        and reported.product in ('messages_api', 'managed_agents_api', 'message_batches_api')
)

select
    account_id,
    principal_key,
    signal,
    workspace_name,
    cast(sum(records) as bigint) as records,
    {{ money('sum(value_usd)') }} as usage_value_usd,
    usage_date
from seen
group by account_id, principal_key, signal, workspace_name, usage_date
