{{ config(materialized='table') }}

{#
    One row per piece of evidence for a burn pattern, of weeks and subjects that have as many as the pattern's rule wants.
    Subjects are workflows; large changes that were never merged are told by repository as well. Protected workflows are
    left out.

    It is about processes, not about persons: what persons' sessions show is left out where fewer than smallest_group of
    them stand behind a pattern of a week and subject.
#}
{% set sources = {
    'retries_without_acceptance': 'int_tasks__burn_retries',
    'large_output_unmerged': 'int_tasks__burn_unmerged',
    'off_hours': 'int_tasks__burn_off_hours',
    'duplicate_requests': 'int_tasks__burn_duplicates',
    'largest_model_small_tasks': 'int_tasks__burn_large_models',
    'full_suite_reruns': 'int_tasks__burn_reruns',
} -%}
{% set columns -%}
iso_week,
        workflow_id,
        repository,
        evidence_id,
        session_id,
        pull_request_key,
        model_key,
        compared_with,
        happened_at,
        quantity,
        estimated_spend_usd
{%- endset -%}
{% set key = ['pattern', 'subject_kind', 'subject', 'iso_week', 'workflow_id', 'evidence_id'] -%}
with

rules as (
    select * from {{ ref('burn_pattern_rules') }}
),

workflows as (
    select * from {{ ref('int_finance__workflows') }}
),

shares as (
    select * from {{ ref('int_tasks__task_shares') }}
),

sessions as (
    select * from {{ ref('int_tasks__sessions') }}
),

evidence as (
    {% for pattern, model in sources.items() -%}
    select
        '{{ pattern }}' as pattern,
        'workflow' as subject_kind,
        workflow_id as subject,
        {{ columns }}
    from {{ ref(model) }}

    union all

    {% endfor -%}
    select
        'large_output_unmerged' as pattern,
        'repository' as subject_kind,
        repository as subject,
        {{ columns }}
    from {{ ref('int_tasks__burn_unmerged') }}
    where repository is not null
),

open_evidence as (
    select evidence.*
    from evidence
    left join workflows
        on
            evidence.workflow_id = workflows.workflow_id
            and workflows.is_protected
    where workflows.workflow_id is null
),

{# The sessions of a task of several stand in its shares. #}
evidence_sessions as (
    select
        {% for column in key -%}
        open_evidence.{{ column }},
        {% endfor -%}
        coalesce(open_evidence.session_id, shares.session_id) as session_id
    from open_evidence
    left join shares
        on
            open_evidence.session_id is null
            and open_evidence.workflow_id = shares.workflow_id
            and open_evidence.evidence_id = shares.task_id
),

evidence_persons as (
    select
        evidence_sessions.*,
        case when sessions.principal_kind = 'human_seat' then 1 else 0 end as is_of_person,
        case when sessions.principal_kind = 'human_seat' then sessions.principal_key end
            as person_key
    from evidence_sessions
    left join sessions
        on evidence_sessions.session_id = sessions.session_id
),

groups as (
    select
        pattern,
        subject_kind,
        subject,
        iso_week,
        count(distinct person_key) as persons
    from evidence_persons
    group by pattern, subject_kind, subject, iso_week
),

personal_rows as (
    select
        {% for column in key -%}
        {{ column }},
        {% endfor -%}
        max(is_of_person) = 1 as is_personal
    from evidence_persons
    group by {{ key | join(', ') }}
),

shown_rows as (
    select personal_rows.*
    from personal_rows
    inner join groups
        on
            personal_rows.pattern = groups.pattern
            and personal_rows.subject_kind = groups.subject_kind
            and personal_rows.subject = groups.subject
            and personal_rows.iso_week = groups.iso_week
    where not personal_rows.is_personal or groups.persons >= {{ var('smallest_group') }}
),

session_counts as (
    select
        shown_rows.pattern,
        shown_rows.subject_kind,
        shown_rows.subject,
        shown_rows.iso_week,
        count(distinct evidence_sessions.session_id) as subject_sessions
    from shown_rows
    inner join evidence_sessions
        on
            shown_rows.pattern = evidence_sessions.pattern
            and shown_rows.subject_kind = evidence_sessions.subject_kind
            and shown_rows.subject = evidence_sessions.subject
            and shown_rows.iso_week = evidence_sessions.iso_week
            and shown_rows.workflow_id = evidence_sessions.workflow_id
            and shown_rows.evidence_id = evidence_sessions.evidence_id
    group by
        shown_rows.pattern,
        shown_rows.subject_kind,
        shown_rows.subject,
        shown_rows.iso_week
),

counted as (
    select
        open_evidence.*,
        session_counts.subject_sessions,
        count(*) over (
            partition by
                open_evidence.pattern,
                open_evidence.subject_kind,
                open_evidence.subject,
                open_evidence.iso_week
        ) as evidence_rows
    from open_evidence
    inner join shown_rows
        on
            open_evidence.pattern = shown_rows.pattern
            and open_evidence.subject_kind = shown_rows.subject_kind
            and open_evidence.subject = shown_rows.subject
            and open_evidence.iso_week = shown_rows.iso_week
            and open_evidence.workflow_id = shown_rows.workflow_id
            and open_evidence.evidence_id = shown_rows.evidence_id
    inner join session_counts
        on
            open_evidence.pattern = session_counts.pattern
            and open_evidence.subject_kind = session_counts.subject_kind
            and open_evidence.subject = session_counts.subject
            and open_evidence.iso_week = session_counts.iso_week
)

select
    counted.pattern,
    counted.subject_kind,
    counted.subject,
    rules.evidence_kind,
    rules.quantity_unit,
    counted.iso_week,
    counted.workflow_id,
    counted.repository,
    counted.evidence_id,
    counted.session_id,
    counted.pull_request_key,
    counted.model_key,
    counted.compared_with,
    counted.happened_at,
    counted.quantity,
    counted.estimated_spend_usd,
    counted.subject_sessions
from counted
inner join rules
    on counted.pattern = rules.pattern
where counted.evidence_rows >= rules.rows_from
