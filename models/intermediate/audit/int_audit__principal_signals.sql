{{ config(materialized='table') }}

{#
    One row per usage date, vendor, account, principal, signal and workspace, with what is known of the principal: its kind, how it
    authenticates, and the environment that its tag, its name or the workspace says.
#}
with

signals as (
    select * from {{ ref('int_usage__signals_unioned') }}
),

principals as (
    select * from {{ ref('int_identity__principals_tagged') }}
),

environment_words as (
    select * from {{ ref('environment_words') }}
),

workspaces as (
    select distinct
        workspace_name,
        {{ words('workspace_name') }} as words
    from signals
    where workspace_name is not null
),

{# A name whose words mean several environments says nothing. #}
workspace_environments as (
    select
        workspaces.workspace_name,
        min(environment_words.environment) as environment
    from workspaces
    inner join environment_words
        on position(',' || environment_words.word || ',' in workspaces.words) > 0
    group by workspaces.workspace_name
    having count(distinct environment_words.environment) = 1
)

select
    signals.vendor,
    signals.account_id,
    signals.principal_key,
    signals.signal,
    signals.workspace_name,
    principals.principal_kind,
    principals.auth_mode,
    coalesce(principals.environment, principals.suggested_environment) as principal_environment,
    principals.environment_source,
    workspace_environments.environment as workspace_environment,
    signals.records,
    signals.usage_value_usd,
    signals.usage_date
from signals
inner join principals
    on
        signals.vendor = principals.vendor
        and signals.principal_key = principals.principal_key
left join workspace_environments
    on signals.workspace_name = workspace_environments.workspace_name
