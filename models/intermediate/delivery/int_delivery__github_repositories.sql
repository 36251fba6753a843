{{ config(enabled=var('github_delivery_enabled')) }}

{#
    One row per repository that has been read: what it is called now. A renamed one goes by its newest name, in whatever
    was read before too; of two that bore a name after each other only the newer one does.
#}
with

current_reports as (
    select * from {{ ref('stg_github_delivery__current_reports') }}
),

repositories as (
    select * from {{ ref('stg_github_delivery__repositories') }}
),

names as (
    select report_load_key, account_id, repository from repositories
    union
    select report_load_key, account_id, repository
    from {{ ref('stg_github_delivery__pull_requests') }}
    union
    select report_load_key, account_id, repository
    from {{ ref('stg_github_delivery__deployments') }}
    union
    select report_load_key, account_id, repository
    from {{ ref('stg_github_delivery__workflow_runs') }}
    union
    select report_load_key, account_id, repository
    from {{ ref('stg_github_delivery__agent_tasks') }}
),

names_by_age as (
    select
        names.account_id,
        names.repository,
        current_reports.loaded_at,
        row_number() over (
            partition by names.account_id
            order by
                current_reports.loaded_at desc,
                {{ binary_order('names.report_load_key') }}
        ) as age
    from names
    inner join current_reports
        on names.report_load_key = current_reports.report_load_key
),

holders as (
    select
        account_id,
        repository,
        row_number() over (
            partition by repository
            order by loaded_at desc, {{ binary_order('account_id') }}
        ) as holder
    from names_by_age
    where age = 1
),

states_by_age as (
    select
        repositories.account_id,
        repositories.default_branch,
        row_number() over (
            partition by repositories.account_id
            order by current_reports.report_date desc
        ) as age
    from repositories
    inner join current_reports
        on repositories.report_load_key = current_reports.report_load_key
)

select
    holders.account_id,
    holders.repository,
    states_by_age.default_branch
from holders
left join states_by_age
    on
        holders.account_id = states_by_age.account_id
        and states_by_age.age = 1
where holders.holder = 1
