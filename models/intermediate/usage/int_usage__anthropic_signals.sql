{{ config(enabled=var('anthropic_enabled')) }}

{#
    One row per day, account, principal, signal and workspace: signs of how a principal is used. Terminals come from the
    Claude Code report, whose estimates are no value; server traffic from the analytics' products: the older reports
    know none.
#}
with

claude_code_rows as (
    select * from {{ ref('int_usage__anthropic_claude_code_rows') }}
),

reported as (
    select * from {{ ref('int_usage__anthropic_rows') }}
),

workspaces as (
    select * from {{ ref('int_identity__anthropic_workspaces') }}
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

seen as (
    select
        account_id,
        principal_key,
        signal,
        cast(null as {{ dbt.type_string() }}) as workspace_name,
        {{ money('null') }} as value_usd,
        usage_date
    from terminals
    where signal is not null

    union all

    select
        reported.account_id,
        reported.principal_key,
        'server_traffic' as signal,
        workspaces.workspace_name,
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
    cast(count(*) as bigint) as records,
    {{ money('sum(value_usd)') }} as usage_value_usd,
    usage_date
from seen
group by account_id, principal_key, signal, workspace_name, usage_date
