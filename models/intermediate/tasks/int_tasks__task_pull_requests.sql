{#
    One row per workflow and task that has pull requests: what became of them, by the delivery data.

    One that was merged is enough, and one that is open keeps the task open. For a failure all have to be closed: one that
    nobody read may have been merged, unless the trace tells that it was closed, too. Of none that anybody read nothing is
    said here.
#}
with

shares as (
    select * from {{ ref('int_tasks__task_shares') }}
),

links as (
    select * from {{ ref('int_tasks__session_links') }}
    where is_used
),

pull_requests as (
    select * from {{ ref('int_delivery__pull_requests') }}
),

told_closings as (
    select
        workflow_id,
        task_id,
        signal_name
    from {{ ref('int_tasks__task_signals') }}
    where signal = 'change_state' and outcome = 'failed'
),

{# The task is one itself, or the only one of a session that has some. #}
linked as (
    select distinct
        workflow_id,
        task_id,
        pull_request_key
    from shares
    where pull_request_key is not null

    union

    select
        shares.workflow_id,
        shares.task_id,
        links.pull_request_key
    from shares
    inner join links
        on shares.session_id = links.session_id
    where shares.pull_request_key is null and shares.tasks_of_session = 1
)

select
    linked.workflow_id,
    linked.task_id,
    case
        when count(pull_requests.merged_at) > 0 then 'completed'
        when count(case when pull_requests.state = 'open' then 1 end) > 0 then 'open'
        when
            count(*) > 1
            and count(coalesce(pull_requests.pull_request_key, told_closings.signal_name))
            < count(*)
            then 'unread'
        when count(pull_requests.pull_request_key) > 0 then 'failed'
    end as pull_request_state,
    coalesce(max(pull_requests.merged_at), max(pull_requests.closed_at)) as pull_request_at
from linked
left join pull_requests
    on linked.pull_request_key = pull_requests.pull_request_key
left join told_closings
    on
        linked.workflow_id = told_closings.workflow_id
        and linked.task_id = told_closings.task_id
        and lower(linked.pull_request_key) = told_closings.signal_name
group by linked.workflow_id, linked.task_id
