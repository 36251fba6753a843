{{ config(materialized='table', enabled=var('github_delivery_enabled')) }}

{#
    One row per deployment: GitHub's own, or where a repository has none a run of a workflow that deploys, on its default
    branch (var deploy_workflows).

    The final state is the latest of success, failure and error: what was taken out of use later (inactive) had succeeded
    before. A run that was cancelled or skipped has deployed nothing. Where GitHub does not say so, an environment is
    production by its name.
#}
{% set deploy_workflows = "'" ~ var('deploy_workflows') | map('lower') | join("', '") ~ "'" %}
with

deployments as (
    select * from {{ ref('stg_github_delivery__deployments') }}
),

statuses as (
    select * from {{ ref('stg_github_delivery__deployment_statuses') }}
),

workflow_runs as (
    select * from {{ ref('stg_github_delivery__workflow_runs') }}
),

repositories as (
    select * from {{ ref('int_delivery__github_repositories') }}
),

terminal_statuses as (
    select
        report_load_key,
        deployment_id,
        state,
        created_at,
        row_number() over (
            partition by report_load_key, deployment_id
            order by created_at desc nulls last, status_id desc nulls last
        ) as age
    from statuses
    where state in ('success', 'failure', 'error')
),

deployment_readings as (
    select
        *,
        row_number() over (
            partition by account_id, deployment_id
            order by {{ binary_order('report_load_key') }}
        ) as choice
    from deployments
),

run_readings as (
    select
        *,
        row_number() over (
            partition by account_id, run_id
            order by updated_at desc nulls last, {{ binary_order('report_load_key') }}
        ) as choice
    from workflow_runs
),

{# The file's name without its folders and ending. #}
runs_named as (
    select
        *,
        lower(workflow_name) as workflow,
        replace(
            replace(replace(lower(path), '.github/workflows/', ''), '.yaml', ''), '.yml', ''
        ) as file
    from run_readings
    where choice = 1
)

select
    repositories.repository,
    deployment_readings.deployment_id,
    'deployment' as deployment_source,
    lower(deployment_readings.sha) as sha,
    deployment_readings.ref,
    deployment_readings.environment,
    coalesce(
        deployment_readings.is_production,
        lower(deployment_readings.environment) in ('production', 'prod', 'live'),
        false
    ) as is_production,
    deployment_readings.created_at,
    terminal_statuses.state as final_state,
    terminal_statuses.created_at as finished_at
from deployment_readings
inner join repositories
    on deployment_readings.account_id = repositories.account_id
left join terminal_statuses
    on
        deployment_readings.report_load_key = terminal_statuses.report_load_key
        and deployment_readings.deployment_id = terminal_statuses.deployment_id
        and terminal_statuses.age = 1
where deployment_readings.choice = 1

union all

select
    repositories.repository,
    runs_named.run_id as deployment_id,
    'workflow_run' as deployment_source,
    lower(runs_named.head_sha) as sha,
    runs_named.head_branch as ref,
    cast(null as {{ dbt.type_string() }}) as environment,
    true as is_production,
    runs_named.started_at as created_at,
    case
        when runs_named.status <> 'completed' then null
        when runs_named.conclusion = 'success' then 'success'
        else 'failure'
    end as final_state,
    case when runs_named.status = 'completed' then runs_named.updated_at end as finished_at
from runs_named
inner join repositories
    on runs_named.account_id = repositories.account_id
where
    runs_named.account_id not in (select deployments.account_id from deployments)
    and runs_named.head_branch = repositories.default_branch
    and (
        runs_named.workflow in ({{ deploy_workflows }})
        or runs_named.file in ({{ deploy_workflows }})
    )
    and (
        runs_named.status <> 'completed'
        or runs_named.conclusion in ('success', 'failure', 'timed_out', 'startup_failure')
    )
