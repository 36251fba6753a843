{#
    One row per ISO week and workflow: what its tasks cost, and what a completed one costs. All that was spent on tasks is
    in the numerator, whatever became of them. A ratio stands only where enough of the calls have a cost and enough of the
    tasks an outcome; where it does not stand, the row says why. Every sum is taken on its own grain before any ratio.

    Calls that several tasks share are counted with the first of them, which may be of another week. Coverage therefore goes
    by all calls of the sessions that worked on the week's tasks, shared ones once.
#}
{% set threshold = "cast('" ~ var('task_coverage_threshold') ~ "' as decimal(38, 9))" %}
with

tasks as (
    select * from {{ ref('fct_tasks') }}
),

shares as (
    select * from {{ ref('int_tasks__task_shares') }}
),

workflows as (
    select * from {{ ref('int_finance__workflows') }}
),

week_sessions as (
    select
        tasks.iso_week,
        tasks.workflow_id,
        tasks.is_attributed,
        shares.session_id,
        sum(shares.session_model_calls - shares.shared_model_calls)
        + max(shares.shared_model_calls) as model_calls,
        sum(shares.session_priced_calls - shares.shared_priced_calls)
        + max(shares.shared_priced_calls) as priced_calls
    from tasks
    inner join shares
        on
            tasks.workflow_id = shares.workflow_id
            and tasks.task_id = shares.task_id
    group by tasks.iso_week, tasks.workflow_id, tasks.is_attributed, shares.session_id
),

session_weeks as (
    select
        iso_week,
        workflow_id,
        count(case when is_attributed then 1 end) as sessions,
        count(case when not is_attributed then 1 end) as unattributed_sessions,
        sum(case when is_attributed then model_calls else 0 end) as worked_calls,
        sum(case when is_attributed then priced_calls else 0 end) as priced_worked_calls,
        sum(model_calls) as all_calls,
        sum(priced_calls) as all_priced_calls
    from week_sessions
    group by iso_week, workflow_id
),

weeks as (
    select
        iso_week,
        workflow_id,
        count(case when is_attributed then 1 end) as tasks,
        {% for outcome in ['completed', 'failed', 'abandoned', 'unknown'] -%}
        count(case when is_attributed and outcome = '{{ outcome }}' then 1 end)
            as tasks_{{ outcome }},
        sum(case when is_attributed and outcome = '{{ outcome }}' then cost_usd end)
            as {{ outcome }}_cost_usd,
        {% endfor -%}
        count(case when is_attributed and sessions = 0 then 1 end) as tasks_without_calls,
        cast(sum(case when is_attributed then model_calls else 0 end) as bigint) as model_calls,
        cast(sum(case when is_attributed then priced_calls else 0 end) as bigint) as priced_calls,
        cast(sum(case when is_attributed then suspicious_calls else 0 end) as bigint)
            as suspicious_calls,
        sum(case when is_attributed then cost_usd end) as spend_usd,
        min(case when is_attributed and cost_usd is not null then cost_basis end)
            as lowest_cost_basis,
        max(case when is_attributed and cost_usd is not null then cost_basis end)
            as highest_cost_basis,
        count(case when not is_attributed then 1 end) as unattributed_tasks,
        cast(sum(case when not is_attributed then model_calls else 0 end) as bigint)
            as unattributed_model_calls,
        cast(sum(case when not is_attributed then priced_calls else 0 end) as bigint)
            as unattributed_priced_calls,
        sum(case when not is_attributed then cost_usd end) as unattributed_cost_usd,
        {{ money('sum(case when is_attributed then minutes_saved end)') }} as minutes_saved
    from tasks
    group by iso_week, workflow_id
),

measured as (
    select
        weeks.*,
        coalesce(session_weeks.sessions, 0) as sessions,
        coalesce(session_weeks.unattributed_sessions, 0) as unattributed_sessions,
        coalesce(session_weeks.worked_calls, 0) as worked_calls,
        coalesce(session_weeks.priced_worked_calls, 0) as priced_worked_calls,
        coalesce(session_weeks.all_calls, 0) as all_calls,
        coalesce(session_weeks.all_priced_calls, 0) as all_priced_calls
    from weeks
    left join session_weeks
        on
            weeks.iso_week = session_weeks.iso_week
            and weeks.workflow_id = session_weeks.workflow_id
),

{# Nothing spent where there is no task, unknown where there are tasks and no cost. #}
spends as (
    select
        *,
        {{ money('case when tasks = 0 then 0 else spend_usd end') }} as known_spend_usd,
        {% for outcome in ['completed', 'failed', 'abandoned', 'unknown'] -%}
            {{ money(
                'case when tasks_' ~ outcome ~ ' = 0 then 0 else ' ~ outcome ~ '_cost_usd end'
            ) }} as {{ outcome }}_spend_usd,
        {% endfor -%}
        {{ money('case when unattributed_tasks = 0 then 0 else unattributed_cost_usd end') }}
            as unattributed_spend_usd,
        {{ proportion(money('1'), 'priced_worked_calls', 'worked_calls') }} as cost_coverage,
        {{ proportion(money('1'), 'all_priced_calls', 'all_calls') }}
            as cost_coverage_with_unattributed,
        {{ proportion(money('1'), 'tasks - tasks_without_calls', 'tasks') }} as traced_tasks,
        {{ proportion(money('1'), 'tasks - tasks_unknown', 'tasks') }} as outcome_coverage
    from measured
),

judged as (
    select
        *,
        case
            when all_calls = 0 or (tasks > 0 and worked_calls = 0) then 'no_calls'
            when tasks = 0 then 'no_completed_task'
            when cost_coverage < {{ threshold }} or traced_tasks < {{ threshold }}
                then 'cost_coverage_below_threshold'
            when outcome_coverage < {{ threshold }} then 'outcome_coverage_below_threshold'
            when tasks_completed = 0 then 'no_completed_task'
        end as null_reason
    from spends
)

select
    judged.iso_week,
    judged.workflow_id,
    workflows.owner,
    workflows.task_class,
    judged.tasks,
    judged.tasks_completed,
    judged.tasks_failed,
    judged.tasks_abandoned,
    judged.tasks_unknown,
    judged.tasks_without_calls,
    judged.sessions,
    judged.model_calls,
    judged.priced_calls,
    judged.suspicious_calls,
    judged.known_spend_usd as spend_usd,
    {{ cost_basis_of('judged.lowest_cost_basis', 'judged.highest_cost_basis') }} as cost_basis,
    judged.completed_spend_usd,
    judged.failed_spend_usd,
    judged.abandoned_spend_usd,
    judged.unknown_spend_usd as unknown_outcome_spend_usd,
    judged.unattributed_sessions,
    judged.unattributed_model_calls,
    judged.unattributed_priced_calls,
    judged.unattributed_spend_usd,
    {{ proportion(
        money('1'),
        'judged.known_spend_usd',
        'judged.known_spend_usd + judged.unattributed_spend_usd'
    ) }} as attributed_share_of_spend,
    case
        when judged.null_reason is null
            then {{ proportion('judged.known_spend_usd', '1', 'judged.tasks_completed') }}
    end as cost_per_completed_task,
    case
        when
            judged.null_reason is null
            and judged.cost_coverage_with_unattributed >= {{ threshold }}
            then {{ proportion(
                'judged.known_spend_usd + coalesce(judged.unattributed_spend_usd, 0)',
                '1',
                'judged.tasks_completed'
            ) }}
    end as cost_per_completed_task_with_unattributed,
    judged.cost_coverage,
    judged.cost_coverage_with_unattributed,
    judged.outcome_coverage,
    judged.null_reason,
    judged.minutes_saved
from judged
left join workflows
    on judged.workflow_id = workflows.workflow_id
