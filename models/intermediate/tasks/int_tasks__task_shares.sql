{{ config(materialized='table') }}

{#
    One row per session, workflow and task, with the part of the session's cost that the task carries.

    A session's calls that name their task are that task's. All others are split evenly over the session's tasks: its pull
    requests where the workflow is completed by a merge, else the tasks that its other calls name, else it is its own task.
    Where a session has parts in several such workflows, each takes the pull requests of the repositories that it worked in;
    all of them only where it has none of its own, and those of no part's repository go to every part.
    What the division leaves goes to the last task by name, so that shares add up to the session's cost exactly.
#}
with

parts as (
    select * from {{ ref('int_tasks__session_parts') }}
),

workflows as (
    select * from {{ ref('int_finance__workflows') }}
),

links as (
    select * from {{ ref('int_tasks__session_links') }}
    where is_used
),

judged as (
    select
        parts.*,
        coalesce(workflows.completed_when, '') = 'pull_request_merged' as is_by_pull_request
    from parts
    left join workflows
        on parts.workflow_id = workflows.workflow_id
),

{# Calls that have the same tasks: with the same task named, or with none. #}
call_groups as (
    select
        session_id,
        workflow_id,
        is_by_pull_request,
        case when not is_by_pull_request then task_hint end as task_hint,
        min(started_at) as started_at,
        max(ended_at) as ended_at,
        max(last_call_date) as last_call_date,
        cast(sum(model_calls) as bigint) as model_calls,
        cast(sum(priced_calls) as bigint) as priced_calls,
        cast(sum(retries) as bigint) as retries,
        cast(sum(suspicious_calls) as bigint) as suspicious_calls,
        {{ money('sum(cost_usd)') }} as cost_usd,
        min(case when priced_calls > 0 then cost_basis end) as lowest_cost_basis,
        max(case when priced_calls > 0 then cost_basis end) as highest_cost_basis
    from judged
    group by
        session_id,
        workflow_id,
        is_by_pull_request,
        case when not is_by_pull_request then task_hint end
),

named_tasks as (
    select distinct
        session_id,
        workflow_id,
        task_hint
    from call_groups
    where task_hint is not null
),

own_repositories as (
    select distinct
        session_id,
        workflow_id,
        lower(repository) as repository
    from judged
    where is_by_pull_request and repository is not null
),

own_links as (
    select
        links.session_id,
        own_repositories.workflow_id,
        links.pull_request_key
    from links
    inner join own_repositories
        on
            links.session_id = own_repositories.session_id
            and lower({{ dbt.split_part('links.pull_request_key', "'#'", 1) }})
            = own_repositories.repository
),

parts_with_links as (
    select distinct
        session_id,
        workflow_id
    from own_links
),

placed_links as (
    select distinct
        session_id,
        pull_request_key
    from own_links
),

part_links as (
    select
        session_id,
        workflow_id,
        pull_request_key
    from own_links

    union all

    select
        call_groups.session_id,
        call_groups.workflow_id,
        links.pull_request_key
    from call_groups
    inner join links
        on call_groups.session_id = links.session_id
    left join parts_with_links
        on
            call_groups.session_id = parts_with_links.session_id
            and call_groups.workflow_id = parts_with_links.workflow_id
    left join placed_links
        on
            links.session_id = placed_links.session_id
            and links.pull_request_key = placed_links.pull_request_key
    where
        call_groups.is_by_pull_request
        and (parts_with_links.session_id is null or placed_links.session_id is null)
),

group_tasks as (
    select
        call_groups.*,
        coalesce(part_links.pull_request_key, 'session/' || call_groups.session_id) as task_id,
        part_links.pull_request_key,
        part_links.pull_request_key is not null as is_attributed
    from call_groups
    left join part_links
        on
            call_groups.session_id = part_links.session_id
            and call_groups.workflow_id = part_links.workflow_id
    where call_groups.is_by_pull_request

    union all

    select
        call_groups.*,
        coalesce(call_groups.task_hint, named_tasks.task_hint, call_groups.session_id) as task_id,
        cast(null as {{ dbt.type_string() }}) as pull_request_key,
        true as is_attributed
    from call_groups
    left join named_tasks
        on
            call_groups.session_id = named_tasks.session_id
            and call_groups.workflow_id = named_tasks.workflow_id
            and call_groups.task_hint is null
    where not call_groups.is_by_pull_request
),

numbered as (
    select
        *,
        count(*) over (partition by session_id, workflow_id, task_hint) as tasks,
        row_number() over (
            partition by session_id, workflow_id, task_hint
            order by {{ binary_order('task_id') }}
        ) as task_number,
        {{ proportion(
            'cost_usd', '1', 'count(*) over (partition by session_id, workflow_id, task_hint)'
        ) }} as even_share_usd
    from group_tasks
),

shares as (
    select
        session_id,
        workflow_id,
        task_id,
        min(pull_request_key) as pull_request_key,
        min(case when is_attributed then 1 else 0 end) = 1 as is_attributed,
        {{ money(
            'sum(case when task_number < tasks then even_share_usd'
            ~ ' else cost_usd - even_share_usd * (tasks - 1) end)'
        ) }} as share_cost_usd,
        cast(sum(case when task_number = 1 then model_calls else 0 end) as bigint) as model_calls,
        cast(sum(case when task_number = 1 then priced_calls else 0 end) as bigint) as priced_calls,
        cast(sum(case when task_number = 1 then retries else 0 end) as bigint) as retries,
        cast(sum(case when task_number = 1 then suspicious_calls else 0 end) as bigint)
            as suspicious_calls,
        cast(sum(model_calls) as bigint) as session_model_calls,
        cast(sum(priced_calls) as bigint) as session_priced_calls,
        cast(sum(case when tasks > 1 then model_calls else 0 end) as bigint) as shared_model_calls,
        cast(sum(case when tasks > 1 then priced_calls else 0 end) as bigint)
            as shared_priced_calls,
        min(lowest_cost_basis) as lowest_cost_basis,
        max(highest_cost_basis) as highest_cost_basis,
        min(started_at) as started_at,
        max(ended_at) as ended_at,
        max(last_call_date) as last_call_date
    from numbered
    group by session_id, workflow_id, task_id
)

select
    session_id,
    workflow_id,
    task_id,
    pull_request_key,
    count(*) over (partition by session_id, workflow_id) as tasks_of_session,
    row_number() over (
        partition by session_id, workflow_id
        order by {{ binary_order('task_id') }}
    ) = 1 as is_first_share,
    is_attributed,
    case when not is_attributed then 'no_pull_request' end as unattributed_reason,
    share_cost_usd,
    model_calls,
    priced_calls,
    retries,
    suspicious_calls,
    session_model_calls,
    session_priced_calls,
    shared_model_calls,
    shared_priced_calls,
    lowest_cost_basis,
    highest_cost_basis,
    started_at,
    ended_at,
    last_call_date
from shares
